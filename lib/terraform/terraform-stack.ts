import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import type { StateBackend } from "../config/state-backend";
import { requireEncryptedState } from "../config/state-transport";
import { childEnvironment } from "../core/environment";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import type { Progress } from "../core/progress";
import { stepProgram } from "../host/installed-program";
import type { Deployment } from "../model/deployment";
import type { StackName } from "../model/home-paths";
import { providerVersions } from "../model/versions";
import { type Lock, lockVariable } from "../store/lock";
import { requireKnownSide } from "../vault/known-listener";
import { sharesSocketVariable } from "../vault/shares/shares-socket";
import type { TerraformProgram } from "./install";
import { lockFile } from "./installed-providers";
import { judgeState } from "./judge-state";
import { requireStatePlace } from "./kept-backend";
import type { ProviderSource } from "./providers";
import type { SharedProviders } from "./shared-providers";
import { Terraform } from "./terraform";

/** Says to the deploy's own check that the command checks at its end. */
export const checkVariable = "OPENCLAW_OPENROUTER_CHECK";

/** What Terraform is run with. A deploy's context has it, and so has a run that only looks, which holds no lock. */
export interface TerraformContext {
  readonly deployment: Deployment;
  readonly host: {
    readonly program: TerraformProgram;
    readonly providers: ProviderSource;
    readonly engine?: { readonly host: string };
  };
  readonly lock?: Lock;
  readonly signal?: AbortSignal;
  readonly sharesSocket?: string;
  /** See {@link Terraform}'s option of that name. */
  readonly sharedProviders?: SharedProviders;
}

/** Where a stack is run. */
export interface TerraformPlace {
  /** The synthesized stack. */
  readonly folder: string;
  /** What Terraform keeps between its runs: providers, backend. */
  readonly dataFolder: string;
  readonly planFile: string;
}

/** A stack's own place, in the instance directory. */
export function placeInHome(context: TerraformContext, stack: StackName): TerraformPlace {
  const { home } = context.deployment;
  return {
    folder: join(home.cdktfOut, "stacks", stack),
    dataFolder: join(home.terraform, context.host.program.kind, stack),
    planFile: join(home.terraform, `${stack}.plan`),
  };
}

/**
 * Terraform for one synthesized stack of the instance.
 * @param place @default its own, in the instance directory
 * @param backend where its state is kept. @default as declared
 */
export function terraformFor(
  context: TerraformContext,
  stack: StackName,
  key?: string,
  place: TerraformPlace = placeInHome(context, stack),
  backend: StateBackend = context.deployment.settings.terraform.backend,
): Terraform {
  requireEncryptedState(backend, process.env);
  mkdirSync(dirname(place.planFile), { recursive: true, mode: 0o700 });
  const { home } = context.deployment;
  return new Terraform({
    stack,
    program: context.host.program.path,
    folder: place.folder,
    planFile: place.planFile,
    env: terraformEnvironment(context, place.dataFolder, key),
    ...(backend.type === "local" ? { stateFile: home.state(stack) } : {}),
    ...(context.sharedProviders ? { sharedProviders: context.sharedProviders } : {}),
    ...(context.signal ? { signal: context.signal } : {}),
    // Its provider logs in to Vault: by plain HTTP it could not tell whether it is Vault.
    ...(stack === "openrouter" && context.deployment.listener
      ? { beforeStart: () => requireKnownSide(context.deployment) }
      : {}),
  });
}

/**
 * Installs providers and backend, where the declaration or the host's way to them changed since the last time.
 * @throws UserError where the declared backend is not the one in which the state is
 */
export async function initialize(
  context: TerraformContext,
  stack: StackName,
  progress: Progress,
): Promise<void> {
  requireStatePlace(context.deployment);
  const place = placeInHome(context, stack);
  const used = join(place.folder, lockFile);
  const kept = keptLock(context, stack);
  const terraform = terraformFor(context, stack);
  const judge = async () => judgeState(await terraform.readState(), `The state of the stack ${stack}`);
  const isLocal = context.deployment.settings.terraform.backend.type === "local";
  // Before Terraform has it; a backend of another kind gives it only once that is initialised.
  if (isLocal) await judge();
  if (!isInitialized(context, place, place.folder) || !existsSync(used)) {
    if (existsSync(kept)) copyFileSync(kept, used);
    await terraform.init(progress);
    writePrivateFile(kept, readTextIfThere(used) ?? "");
    writePrivateFile(join(place.dataFolder, stamp), initIdentity(context, place.folder));
  }
  if (!isLocal) await judge();
}

const stamp = "initialised";

/** Where the providers' lock of a stack is kept for this host's way of getting them. */
export function keptLock(context: TerraformContext, stack: StackName): string {
  return join(context.deployment.home.providerLocks, lockIdentity(context), `${stack}.lock.hcl`);
}

/** @param declared the folder of the stack that is to be run, which asks for what its place was initialised with, or not */
export function isInitialized(context: TerraformContext, place: TerraformPlace, declared: string): boolean {
  return readTextIfThere(join(place.dataFolder, stamp)) === initIdentity(context, declared);
}

function terraformEnvironment(
  context: TerraformContext,
  dataFolder: string,
  key: string | undefined,
): Record<string, string> {
  const { host } = context;
  const added = {
    DOCKER_HOST: host.engine?.host,
    TF_DATA_DIR: dataFolder,
    // Empty: unset for Terraform, which warns at each call of a file that is not there.
    TF_CLI_CONFIG_FILE: host.providers.cliConfigFile ?? "",
    TF_IN_AUTOMATION: "1",
    // It and its providers live for a second or two, in which one waits for the other: a quarter of their processor time went
    // into collecting a garbage of 20 MB, and into sharing out the little work among processors.
    GOGC: process.env.GOGC ?? "off",
    GOMEMLIMIT: process.env.GOMEMLIMIT ?? "128MiB",
    GOMAXPROCS: process.env.GOMAXPROCS ?? "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TF_VAR_openrouter_api_key: key,
    [lockVariable]: context.lock?.token,
    [checkVariable]: "later",
    [sharesSocketVariable]: context.sharesSocket,
    OPENCLAW_OPENROUTER_BIN: stepProgram(context.deployment.instance),
    OPENCLAW_OPENROUTER_NODE: process.execPath,
  };
  return childEnvironment(added, process.env, { secrets: true });
}

/** Providers that were built here have other checksums than a registry's: a lock holds for one way of getting them only. */
function lockIdentity(context: TerraformContext): string {
  const { program, providers } = context.host;
  return `${program.kind}-${sha256(JSON.stringify([providers.identity, process.arch, providerVersions])).slice(0, 16)}`;
}

function initIdentity(context: TerraformContext, folder: string): string {
  const declared = JSON.parse(readTextIfThere(join(folder, "cdk.tf.json")) ?? "{}") as {
    terraform?: unknown;
  };
  return sha256(JSON.stringify([lockIdentity(context), context.host.program.version, declared.terraform]));
}
