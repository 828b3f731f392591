import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import { packageRoot } from "../core/system/package-root";
import { compiledFile } from "../host/program-files";
import { type HomePaths, stackNames } from "../model/home-paths";
import type { AppProps } from "../stacks/build-app";
import type { DeclaredKey } from "../store/records/key-record";
import type { DeployContext } from "./context";

/** Everything that determines both stacks. */
export type Declaration = Omit<AppProps, "outdir"> & { readonly limitsMemory: boolean };

/**
 * Synthesizes both stacks into the instance directory. If the declaration is unchanged, the existing files are identical, and
 * CDKTF, which takes 0.25 seconds to load, is not loaded.
 */
export async function declare(
  { deployment, instanceId, host }: Pick<DeployContext, "deployment" | "instanceId" | "host">,
  { keyVersion, keyGeneration }: DeclaredKey,
): Promise<void> {
  const { home } = deployment;
  const image = host.image?.reference ?? deployment.settings.vault.image;
  const limitsMemory = host.engine?.limitsMemory ?? true;
  const declaration = { deployment, instanceId, image, limitsMemory, keyVersion, keyGeneration };
  if (isDeclared(home, declaration)) return;
  rmSync(stampOf(home), { force: true });
  await synthesize(declaration, home.cdktfOut);
  writePrivateFile(stampOf(home), identityOf(declaration));
}

/** Whether the instance directory holds the stacks of exactly this declaration. */
export function isDeclared(home: HomePaths, declaration: Declaration): boolean {
  const isThere = stackNames.every((stack) =>
    existsSync(join(home.cdktfOut, "stacks", stack, "cdk.tf.json")),
  );
  return isThere && readTextIfThere(stampOf(home)) === identityOf(declaration);
}

export async function synthesize(declaration: Declaration, outdir: string): Promise<void> {
  const { buildApp } = await import("../stacks/build-app");
  buildApp({ ...declaration, outdir }).synth();
}

function stampOf(home: HomePaths): string {
  return join(home.cdktfOut, "declared");
}

function identityOf(declaration: Declaration): string {
  const { deployment, instanceId, image, limitsMemory, keyVersion, keyGeneration } = declaration;
  const props = { deployment, instanceId, image, limitsMemory, keyVersion, keyGeneration };
  return sha256(JSON.stringify([props, programIdentity()]));
}

/** The identity of the program: another build can declare other stacks. */
function programIdentity(): string {
  // It holds all of the program's code.
  const { mtimeMs, size } = statSync(join(packageRoot(), compiledFile));
  return `${mtimeMs} ${size}`;
}
