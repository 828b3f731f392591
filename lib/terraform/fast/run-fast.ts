import { tmpdir } from "node:os";
import { socketsParent, withSocketFolder } from "../../core/files/temporary-folder";
import type { RunResult } from "../../core/system/process";
import type { SharedProviders } from "./shared-providers";
import { giveUp, mayShorten, type ProgramVersion } from "./shortcuts";

/** A run of Terraform on one stack. */
export interface TerraformRun {
  readonly program: ProgramVersion;
  readonly folder: string;
  readonly env: Readonly<Record<string, string>>;
  /** Whether it changes nothing, so that it can run again. */
  readonly readsOnly: boolean;
  /** The providers for runs that only read. @default each run starts its own */
  readonly sharedProviders?: SharedProviders | undefined;
}

/**
 * Runs Terraform with the shortcuts that hold. If one fails, no later run uses any, and a run that only reads runs again the
 * plain way.
 * @param start runs it in an environment
 */
export async function runFast(
  { program, folder, env, readsOnly, sharedProviders }: TerraformRun,
  start: (env: Readonly<Record<string, string>>) => Promise<RunResult>,
): Promise<RunResult> {
  if (!mayShorten(program)) return start(inShortFolder(env));
  const result = await withSocketFolder("sockets", (sockets) => {
    const own = { ...env, ...withoutTls(sockets) };
    return readsOnly && sharedProviders
      ? sharedProviders.lend(folder, env, (added) => start({ ...own, ...added }))
      : start(own);
  });
  if (!concernsProviders(result)) return result;
  giveUp(program);
  return readsOnly ? start(inShortFolder(env)) : result;
}

/** Without a shortcut too, a provider makes a socket in TMPDIR, and does not start if that path is too long. */
function inShortFolder(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return socketsParent() === tmpdir() ? env : { ...env, TMPDIR: socketsParent() };
}

/**
 * The environment that disables TLS between Terraform and its providers. For it both sides make a key and a certificate at
 * every start of a provider, a quarter of a plan's time. Sockets in a folder that only this user can enter do not need it.
 * Terraform's own tests disable it in this way (meta_providers.go).
 */
function withoutTls(folder: string): Record<string, string> {
  return { TMPDIR: folder, TF_DISABLE_PLUGIN_TLS: "1" };
}

/** Whether a run failed since Terraform and a provider did not understand each other: a shortcut may be the reason. */
function concernsProviders({ exitCode, stdout, stderr }: RunResult): boolean {
  return (
    exitCode !== 0 &&
    exitCode !== 2 &&
    /plugin|reattach|instantiate provider|rpc error/i.test(stdout + stderr)
  );
}
