import { copyFileSync, existsSync, mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import { requireEncryptedState, type StateBackend } from "../config/backend";
import { addressVariable } from "../constructs/vault";
import { defined } from "../core/defined";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { sha256 } from "../core/fingerprint";
import { noProxyFor } from "../core/network/proxy";
import type { Progress } from "../core/progress";
import { childEnvironment } from "../core/system/environment";
import { stepProgram } from "../host/installed-program";
import { addressesOf, type Deployment } from "../model/deployment";
import type { StackName } from "../model/home-paths";
import { providerVersions } from "../model/versions";
import { type Lock, lockVariable } from "../store/lock";
import { VaultClient } from "../vault/client";
import { requireKnownSide } from "../vault/known-listener";
import { sharesSocketVariable } from "../vault/shares/shares-socket";
import type { SharedProviders } from "./fast/shared-providers";
import { goSettings } from "./fast/shortcuts";
import type { TerraformProgram } from "./install";
import { lockFile } from "./installed-providers";
import { judgeState } from "./judge-state";
import { requireStatePlace } from "./kept-backend";
import type { ProviderSource } from "./providers";
import { Terraform } from "./terraform";

/** The variable that makes the deploy's own check leave the check to the command, which does it at its end. */
export const checkVariable = "OPENCLAW_OPENROUTER_CHECK";

/** The parameters of Terraform: of a deploy, or of a run that only reads and holds no lock. */
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
  /** See {@link Terraform}'s option of the same name. */
  readonly sharedProviders?: SharedProviders;
}

/** The paths with which a stack is run. */
export interface TerraformPlace {
  /** The synthesized stack. */
  readonly folder: string;
  /** Terraform's data folder, with providers and backend. */
  readonly dataFolder: string;
  readonly planFile: string;
}

/** The paths of a stack in the instance directory. */
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
 * @param place @default the stack's paths in the instance directory
 * @param backend the backend of its state. @default the declared one
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
    program: context.host.program,
    folder: place.folder,
    planFile: place.planFile,
    env: terraformEnvironment(context, place.dataFolder, key),
    ...(backend.type === "local" ? { stateFile: home.state(stack) } : {}),
    ...defined({ sharedProviders: context.sharedProviders, signal: context.signal }),
    // Its provider logs in to Vault. With plain HTTP it could not verify that it is Vault.
    ...(stack === "openrouter" && context.deployment.listener
      ? { beforeStart: () => requireKnownSide(context.deployment) }
      : {}),
  });
}

/**
 * Installs providers and backend, if the declaration or the source of the providers changed since the last time.
 * @throws UserError if the declared backend is not the one that contains the state
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
  // Before Terraform reads it. Another backend can be read only once it is initialized.
  if (isLocal) await judge();
  if (!isInitialized(context, place, place.folder) || !existsSync(used)) {
    if (existsSync(kept)) copyFileSync(kept, used);
    await terraform.init(progress);
    writePrivateFile(kept, readTextIfThere(used) ?? "");
    writePrivateFile(join(place.dataFolder, stamp), initIdentity(context, place.folder));
  }
  if (!isLocal) await judge();
}

const stamp = "initialized";

/** The kept lock file of a stack for the current source of the providers. */
export function keptLock(context: TerraformContext, stack: StackName): string {
  return join(context.deployment.home.providerLocks, lockIdentity(context), `${stack}.lock.hcl`);
}

/**
 * @param declared the folder of the stack to run, which may need other providers or another backend than its place was
 * initialized with
 */
export function isInitialized(context: TerraformContext, place: TerraformPlace, declared: string): boolean {
  return readTextIfThere(join(place.dataFolder, stamp)) === initIdentity(context, declared);
}

function terraformEnvironment(
  context: TerraformContext,
  dataFolder: string,
  key: string | undefined,
): Record<string, string> {
  const { host } = context;
  const { otherAddresses } = context.deployment;
  const added = {
    DOCKER_HOST: host.engine?.host,
    // This program and the resolver reach Vault without a proxy: so does Terraform's provider.
    NO_PROXY: noProxyFor(addressesOf(context.deployment), process.env),
    TF_DATA_DIR: dataFolder,
    // Empty means unset for Terraform, which warns at each call about a missing file.
    TF_CLI_CONFIG_FILE: host.providers.cliConfigFile ?? "",
    TF_IN_AUTOMATION: "1",
    ...goSettings(host.program),
    TF_INPUT: "0",
    // Else the backend `remote` has Terraform plan on its server, which saves no plan and reaches neither engine nor Vault.
    TF_FORCE_LOCAL_BACKEND: "1",
    CHECKPOINT_DISABLE: "1",
    TF_VAR_openrouter_api_key: key,
    [`TF_VAR_${addressVariable}`]: otherAddresses && VaultClient.at(context.deployment).address,
    [lockVariable]: context.lock?.token,
    [checkVariable]: "later",
    [sharesSocketVariable]: context.sharesSocket,
    OPENCLAW_OPENROUTER_BIN: stepProgram(context.deployment.instance),
    OPENCLAW_OPENROUTER_NODE: process.execPath,
  };
  return childEnvironment(added, process.env, { secrets: true });
}

/** Providers that were built here have other checksums than a registry's, so a lock file is valid for one source only. */
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
