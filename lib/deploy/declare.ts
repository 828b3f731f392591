import { existsSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../host/package-root";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import type { DeclaredKey } from "../instance/key-record";
import { sha256 } from "../model/fingerprint";
import { stackNames } from "../model/home-paths";
import type { DeployContext } from "./context";

/**
 * Synthesizes both stacks into the instance home. Where nothing of what they are made of changed since the last time, what
 * lies there is the same to the byte, and CDKTF, which takes a quarter of a second to load, is not loaded.
 */
export async function declare(
  { deployment, instanceId, host }: DeployContext,
  { keyVersion, keyGeneration }: DeclaredKey,
): Promise<void> {
  const props = { deployment, instanceId, image: host.image.reference, keyVersion, keyGeneration };
  const outdir = deployment.home.cdktfOut;
  const stamp = join(outdir, "declared");
  const made = sha256(JSON.stringify([props, programIdentity()]));
  const isThere = stackNames.every((stack) => existsSync(join(outdir, "stacks", stack, "cdk.tf.json")));
  if (isThere && readTextIfThere(stamp) === made) return;
  rmSync(stamp, { force: true });
  const { buildApp } = await import("../stacks/build-app");
  buildApp({ ...props, outdir }).synth();
  writePrivateFile(stamp, made);
}

/** Another build of this program may declare otherwise. */
function programIdentity(): string {
  // It names the files of which it is made by their content, so that it changes with each of them.
  const { mtimeMs, size } = statSync(join(packageRoot(), "dist", "cli.mjs"));
  return `${mtimeMs} ${size}`;
}
