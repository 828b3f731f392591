import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { childEnvironment } from "../host/environment";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import { lockVariable } from "../instance/lock";
import { sha256 } from "../model/fingerprint";
import type { StackName } from "../model/home-paths";
import { providerVersions } from "../model/versions";
import type { Progress } from "../progress";
import { Terraform } from "../terraform/terraform";
import type { DeployContext } from "./context";

/** Says to the deploy's own check that the verb checks at its end. */
export const checkVariable = "OPENCLAW_OPENROUTER_CHECK";

/** Terraform for one synthesized stack of the instance, with its data, lock and plan in the instance home. */
export function terraformFor(context: DeployContext, stack: StackName, key?: string): Terraform {
  const { home } = context.deployment;
  mkdirSync(home.terraform, { recursive: true, mode: 0o700 });
  return new Terraform({
    stack,
    program: context.host.program.path,
    folder: stackFolder(context, stack),
    planFile: join(home.terraform, `${stack}.plan`),
    signal: context.signal,
    env: terraformEnvironment(context, stack, key),
  });
}

/** Installs providers and backend, where the declaration or the host's way to them changed since the last time. */
export async function initialize(
  context: DeployContext,
  stack: StackName,
  progress: Progress,
): Promise<void> {
  const { home } = context.deployment;
  const folder = stackFolder(context, stack);
  const used = join(folder, ".terraform.lock.hcl");
  const kept = join(home.providerLocks, lockIdentity(context), `${stack}.lock.hcl`);
  const stamp = join(dataFolder(context, stack), "initialised");
  const wanted = initIdentity(context, folder);
  if (readTextIfThere(stamp) === wanted && existsSync(used)) return;
  if (existsSync(kept)) copyFileSync(kept, used);
  await terraformFor(context, stack).init(progress);
  writePrivateFile(kept, readTextIfThere(used) ?? "");
  writePrivateFile(stamp, wanted);
}

export function stackFolder(context: DeployContext, stack: StackName): string {
  return join(context.deployment.home.cdktfOut, "stacks", stack);
}

function dataFolder(context: DeployContext, stack: StackName): string {
  return join(context.deployment.home.terraform, context.host.program.kind, stack);
}

function terraformEnvironment(
  context: DeployContext,
  stack: StackName,
  key: string | undefined,
): Record<string, string> {
  const { host } = context;
  return childEnvironment({
    DOCKER_HOST: host.engine.host,
    TF_DATA_DIR: dataFolder(context, stack),
    // Empty: unset for Terraform, which warns at each call of a file that is not there.
    TF_CLI_CONFIG_FILE: host.providers.cliConfigFile ?? "",
    TF_IN_AUTOMATION: "1",
    TF_INPUT: "0",
    CHECKPOINT_DISABLE: "1",
    TF_VAR_openrouter_api_key: key,
    [lockVariable]: context.lock.token,
    [checkVariable]: "later",
    OPENCLAW_OPENROUTER_BIN: process.env.OPENCLAW_OPENROUTER_BIN,
    OPENCLAW_OPENROUTER_NODE: process.execPath,
  });
}

/** Providers that were built here have other checksums than a registry's: a lock holds for one way of getting them only. */
function lockIdentity(context: DeployContext): string {
  const { program, providers } = context.host;
  return `${program.kind}-${sha256(JSON.stringify([providers.identity, process.arch, providerVersions])).slice(0, 16)}`;
}

function initIdentity(context: DeployContext, folder: string): string {
  const declared = JSON.parse(readTextIfThere(join(folder, "cdk.tf.json")) ?? "{}") as {
    terraform?: unknown;
  };
  return sha256(
    JSON.stringify([
      lockIdentity(context),
      context.host.program.version,
      declared.terraform,
      dirname(folder),
    ]),
  );
}
