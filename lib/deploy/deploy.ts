import { writeJson } from "../instance/files";
import { readKeyRecord, writeKeyRecord } from "../instance/key-record";
import type { StackName } from "../model/home-paths";
import { keyFingerprint } from "../model/openrouter-key";
import type { Progress } from "../progress";
import { refuseDataLoss } from "../terraform/plan";
import { type ChosenKey, chooseKey } from "./choose-key";
import type { DeployContext } from "./context";
import { declare } from "./declare";
import { describeOpened, type OpenedVault, openVault } from "./open-vault";
import { requireFreePort } from "./port";
import { readStoredKey } from "./read-stored-key";
import { initialize, terraformFor } from "./terraform-stack";
import { testKey } from "./test-key";

export interface DeployOptions {
  /** The key that was given to this run. @default the stored one stays */
  readonly key: string | undefined;
  readonly replaceWorkingKey: (question: string) => Promise<boolean>;
}

export interface DeployResult {
  /** Whether Terraform changed anything. */
  readonly changed: boolean;
  /** What had to be done to open the Vault that was there; undefined where there was none. */
  readonly opened: OpenedVault | undefined;
}

/** Brings the host to what is declared: both stacks, each by a saved plan that was looked at before it is applied. */
export async function deploy(context: DeployContext, options: DeployOptions): Promise<DeployResult> {
  const { phase } = context;
  const opened = await phase("Vault as it is", (progress) => openVault(context, progress), describeOpened);
  if (!opened) await requireFreePort(context);

  const chosen = await phase("Key", () => choose(context, opened, options), ({ key }) => (key ? "given" : "as stored"));
  declare(context, chosen);

  const changed = await phase(
    "Terraform",
    (progress) => applyBoth(context, opened, chosen.key, progress),
    (anything) => (anything ? "applied" : "nothing to change"),
  );
  recordKey(context, chosen);
  writeJson(context.deployment.home.deployed, { at: new Date().toISOString() });
  return { changed, opened };
}

async function choose(
  { deployment, vault, signal }: DeployContext,
  opened: OpenedVault | undefined,
  options: DeployOptions,
): Promise<ChosenKey> {
  return chooseKey({
    home: deployment.home,
    given: options.key,
    stored: opened ? await readStoredKey(vault, deployment.home) : undefined,
    test: (key) => testKey(deployment, key, signal),
    replaceWorkingKey: options.replaceWorkingKey,
  });
}

/**
 * Where Vault is open both plans are made at once: the second one holds where the first has nothing to change. Else the
 * second stack is planned on what the first one made.
 */
async function applyBoth(
  context: DeployContext,
  opened: OpenedVault | undefined,
  key: string | undefined,
  progress: Progress,
): Promise<boolean> {
  await Promise.all([initialize(context, "vault", progress), initialize(context, "openrouter", progress)]);
  const plan = (stack: StackName) => terraformFor(context, stack, key).plan(progress);

  const early = opened ? plan("openrouter") : undefined;
  // Looked at below; until then its failure is not an unhandled one.
  early?.catch(() => {});
  const vaultChanges = await plan("vault");
  if (vaultChanges) {
    await early?.catch(() => {});
    await applyPlan(context, "vault", key, progress);
  }
  const openrouterChanges = vaultChanges || !early ? await plan("openrouter") : await early;
  if (openrouterChanges) await applyPlan(context, "openrouter", key, progress);
  for (const stack of ["vault", "openrouter"] as const) terraformFor(context, stack).forgetPlan();
  return vaultChanges || openrouterChanges;
}

async function applyPlan(context: DeployContext, stack: StackName, key: string | undefined, progress: Progress): Promise<void> {
  const terraform = terraformFor(context, stack, key);
  refuseDataLoss(await terraform.show());
  await removeUnrecorded(context, stack);
  await terraform.apply(progress);
}

/** Our own container without an entry in the state: a run was killed between its creation and the note of it. */
async function removeUnrecorded(context: DeployContext, stack: StackName): Promise<void> {
  if (stack !== "vault") return;
  const { api } = context.host.engine;
  const container = await api.inspectContainer(context.deployment.container);
  if (!container) return;
  const known = await terraformFor(context, "vault").stateAddresses();
  if (known.some((address) => address.startsWith("docker_container."))) return;
  await api.stopContainer(container.Id);
  await api.call("DELETE", `/containers/${container.Id}`);
}

function recordKey({ deployment }: DeployContext, { key, keyVersion, keyGeneration }: ChosenKey): void {
  if (!key) return;
  const { retired } = readKeyRecord(deployment.home);
  writeKeyRecord(deployment.home, {
    generation: keyGeneration,
    version: keyVersion,
    fingerprint: keyFingerprint(key),
    retired,
  });
}
