import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { defined } from "../core/defined";
import { ifError } from "../core/errors";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { silent } from "../core/progress";
import type { Deployment } from "../model/deployment";
import { type HomePaths, type StackName, stackNames } from "../model/home-paths";
import { keyFingerprint } from "../model/openrouter-key";
import { parseState, type State } from "../model/terraform-state";
import { OpenRouterFailure } from "../openrouter/errors";
import { type DeployedRecord, deployedRecord, statesToRecord } from "../store/records/deployed-record";
import { readKeyRecord } from "../store/records/key-record";
import { settingsFileRecord } from "../store/records/settings-file-record";
import { readMovedOff } from "../store/records/shares-record";
import { withSharedProviders } from "../terraform/fast/shared-providers";
import { initialize, terraformFor } from "../terraform/terraform-stack";
import { VaultClient } from "../vault/client";
import { readSealStatus } from "../vault/wait";
import type { DeployContext } from "./context";
import { readStoredKey, type StoredKey } from "./read-stored-key";
import { clientOf } from "./test-key";

export interface RecordOptions {
  /** Whether the run deployed a part of the settings, such as `vault`. What it did not deploy stays as recorded. @default all */
  readonly isDeployed?: (part: string) => boolean;
  /** The recorded facts of the key, if they must stay. @default what OpenRouter reports now */
  readonly key?: DeployedRecord["key"];
}

/**
 * Ends a deploy: refreshes the state, since the providers read some values back differently, and records what `drift` compares
 * with later.
 * @param changed whether Terraform changed anything
 */
export async function recordDeployment(
  context: DeployContext,
  changed: boolean,
  options: RecordOptions = {},
): Promise<void> {
  const states = await withSharedProviders((sharedProviders) =>
    Promise.all(
      stackNames.map(async (stack) => {
        await initialize(context, stack, silent);
        const terraform = terraformFor({ ...context, sharedProviders }, stack);
        if (changed) await terraform.refresh(silent);
        return [stack, parseState(await terraform.readState())] as const;
      }),
    ),
  );
  const { home, settings } = context.deployment;
  const record = await observe(context, states, options);
  deployedRecord.write(home, record);
  // Else a part of another file is deployed still.
  if (JSON.stringify(record.settings) === JSON.stringify(settings)) recordSettingsFile(context.deployment);
  keepStates(home);
}

/** Keeps a copy of each state, from which a lost one is restored: killed meanwhile, the previous copy stays whole. */
export function keepStates(home: HomePaths): void {
  for (const stack of stackNames) {
    const state = readTextIfThere(home.state(stack));
    if (state !== undefined) writePrivateFile(home.deployedState(stack), state);
  }
}

/** Records where a deploy took its settings from: later commands find them, in whatever folder they run. */
export function recordSettingsFile({ home, settingsFile }: Deployment): void {
  if (settingsFile === undefined || dirname(settingsFile) === home.root) settingsFileRecord.remove(home);
  else settingsFileRecord.write(home, { file: settingsFile });
}

async function observe(
  { deployment }: DeployContext,
  states: readonly (readonly [string, State | undefined])[],
  { isDeployed, key: known }: RecordOptions,
): Promise<DeployedRecord> {
  const { home } = deployment;
  const before = deployedRecord.read(home);
  const vault = VaultClient.at(deployment);
  const [seal, stored] = await Promise.all([readSealStatus(vault), readStoredKey(vault, home)]);
  const secret = isDeployedKey(deployment, stored)
    ? stored && { version: stored.version, created: stored.created }
    : before?.secret;
  const told = known ?? (stored?.key ? await describeKey(deployment, stored.key) : undefined);
  const key = told ?? before?.key;
  return {
    at: new Date().toISOString(),
    settings: deployedSettings(deployment.settings, before?.settings, isDeployed),
    ...defined({ clusterId: seal.cluster_id || undefined, secret, key }),
    ...(areSharesExpected(home, before) ? { sharesHere: true as const } : {}),
    states: statesToRecord(states),
  };
}

/** Whether a part of the settings is deployed once a stack is applied: the second one only follows the first. */
export function isDeployedWith(stack: StackName): (part: string) => boolean {
  return (part) => stack === "openrouter" || part === "vault";
}

/** The settings that are deployed now: each part as declared if this run deployed it, else as it was deployed before. */
export function deployedSettings(
  declared: Readonly<Record<string, unknown>>,
  before: DeployedRecord["settings"],
  isDeployed: (part: string) => boolean = () => true,
): Record<string, unknown> {
  const parts = [...new Set([...Object.keys(declared), ...Object.keys(before ?? {})])];
  return Object.fromEntries(
    parts.flatMap((part) => {
      const value = (isDeployed(part) ? declared : (before ?? declared))[part];
      return value === undefined ? [] : [[part, value]];
    }),
  );
}

/** Whether the shares are on this host, or were, and nobody took them off. */
function areSharesExpected(home: HomePaths, before: DeployedRecord | undefined): boolean {
  return existsSync(home.shares) || (before?.sharesHere === true && readMovedOff(home) === undefined);
}

/** Whether the stored key is the deployed one. A manually stored key is not, until a deploy takes it. */
function isDeployedKey({ home }: Deployment, stored: StoredKey | undefined): boolean {
  const { fingerprint } = readKeyRecord(home);
  return (
    fingerprint === undefined || (stored?.key !== undefined && keyFingerprint(stored.key) === fingerprint)
  );
}

/** Undefined if OpenRouter does not report it: the check shows why. */
async function describeKey(deployment: Deployment, key: string): Promise<DeployedRecord["key"] | undefined> {
  const asked = clientOf(deployment, key, { retries: 0 }).getKey();
  const info = await asked.catch(ifError(OpenRouterFailure, () => undefined));
  return info && { label: info.label, limit: info.limit, ...defined({ limitReset: info.limitReset }) };
}
