import { recordCheck, renderReport, runChecks } from "../../check";
import { sandboxInstance } from "../../config/sandbox";
import type { Progress } from "../../core/progress";
import { checkParametersOf, installParametersOf } from "../../model/run-parameters";
import { sealOf } from "../../model/vault/seal";
import { install } from "../../openclaw/install";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import { type ApplyOptions, applyStacks, withShares } from "../../session/apply-stacks";
import { type ChosenKey, chooseKey } from "../../session/choose-key";
import { certificateOwner, type DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { requireFreePort, requireOwnAddress } from "../../session/detect-vault";
import { type AcceptListener, type AskAdminToken, connectExternalVault } from "../../session/external-vault";
import { openAsPhase } from "../../session/open-vault";
import { findStoredKey, type StoredKey } from "../../session/read-stored-key";
import { recordDeployment } from "../../session/record-deployment";
import { renewCertificate } from "../../session/renew-certificate";
import { testKey } from "../../session/test-key";
import { readKeyRecord, recordStoredKey, writeKeyRecord } from "../../store/records/key-record";
import { removeListener } from "../../store/records/listener-record";
import { VaultClient } from "../../vault/client";
import { readSealFiles } from "../../vault/container/place-seal";
import { rememberServedCa } from "../../vault/container/served-place";
import { recordOwnListener } from "../../vault/known-listener";
import { readTlsFiles } from "../../vault/tls/tls-files";
import { resumeRotation } from "../key/resume-rotation";
import { requireSameSeal } from "../migrate-seal";
import { isListenChanged } from "./listening";
import { isFirstInExternal, missingKey } from "./missing-key";

export interface DeployOptions {
  /** The key given to this run. @default the stored key stays */
  readonly key: string | undefined;
  readonly replaceWorkingKey: (question: string) => Promise<boolean>;
  readonly askAdminToken: AskAdminToken;
  readonly acceptListener: AcceptListener;
  /** Asks for the key if Vault holds none. Undefined: none is typed. */
  readonly askKey: () => Promise<string | undefined>;
  /** Applies the stacks: with Terraform directly, or with the CDKTF CLI. */
  readonly apply: (context: DeployContext, options: ApplyOptions, progress: Progress) => Promise<boolean>;
}

/** Deploys both stacks and OpenClaw's files. @returns whether Terraform or the installer changed anything */
export async function deploy(context: DeployContext, options: DeployOptions): Promise<boolean> {
  const { phase } = context;
  const { home, settings, external, tls } = context.deployment;
  const { listen, listenName = listen } = settings.vault;
  if (tls && !tls.made) readTlsFiles(tls, listenName);
  const seal = sealOf(settings.vault.seal);
  if (seal) readSealFiles(seal);
  if (external) await connectExternalVault(context, options.askAdminToken, options.acceptListener);
  const opened = await openAsPhase(context, { requireUnchanged: true });
  const isListening = opened && new URL(opened.place.address).port === String(context.deployment.port);
  if (!isListening) await requireFreePort(context);
  if (!isListening || isListenChanged(context.deployment)) await requireOwnAddress(context.deployment);
  if (opened) {
    await requireSameSeal(context.deployment, opened.place);
    await resumeRotation(context, opened.place);
  }

  const stored = opened ? await findStoredKey(VaultClient.at(opened.place), home) : undefined;
  const given =
    options.key ?? (opened && !stored?.key ? await missingKey(context, stored, options) : undefined);
  const chosen = await phase(
    "Key",
    () => choose(context, stored, given, options),
    () => whichKey(context, given),
  );
  // The CDKTF CLI's app reads the generation from this record.
  writeKeyRecord(home, { ...readKeyRecord(home), generation: chosen.keyGeneration });
  await declare(context, chosen);

  // After a change of TLS or the port, Vault answers at the declared address only when its container is replaced.
  const isVaultOpen = opened?.place.address === context.deployment.address;
  const changed = await phase(
    "Terraform",
    (progress) =>
      withShares(context, (having) => options.apply(having, { isVaultOpen, key: chosen.key }, progress)),
    (anything) => (anything ? "applied" : "no changes"),
  );
  recordKey(context, chosen);
  rememberServedCa(context.deployment);
  // If nothing changed, the opened Vault already serves it.
  if (changed || !opened) await renewCertificate(certificateOwner(context));
  if (context.deployment.listener) await recordOwnListener(context.deployment);
  else removeListener(home.root);
  // Terraform installs changes of the declaration; this restores files that were edited or removed since.
  const installed = await phase(
    "OpenClaw's files",
    async () => Object.values(install(installParametersOf(context.deployment))),
    (placements) => (placements.every((placement) => placement === "unchanged") ? "in place" : "put right"),
  );
  return changed || installed.some((placement) => placement !== "unchanged");
}

function whichKey({ deployment }: DeployContext, given: string | undefined): string {
  if (deployment.instance === sandboxInstance) return "the sandbox's own";
  return given ? "given" : "as stored";
}

/** The owner of an external Vault can store the key before the first deploy: then that key is declared. */
function choose(
  { deployment, signal }: DeployContext,
  stored: StoredKey | undefined,
  given: string | undefined,
  { replaceWorkingKey }: DeployOptions,
): Promise<ChosenKey> {
  const isFirst = isFirstInExternal(deployment);
  return chooseKey({
    home: deployment.home,
    given: given ?? (isFirst ? stored?.key : undefined),
    stored,
    isForeign: isFirst,
    test: (key) => testKey(deployment, key, signal),
    replaceWorkingKey,
  });
}

/** Records a stored key as the deployed key. */
export function recordKey(
  { deployment }: DeployContext,
  { key, keyVersion, keyGeneration }: ChosenKey,
): void {
  if (!key) return;
  recordStoredKey(deployment.home, { key, version: keyVersion, generation: keyGeneration });
}

/** Deploys, checks that the key works, and prints the report of the check. */
export async function deployAndCheck(
  context: DeployContext,
  options: DeployOptions,
): Promise<{ readonly changed: boolean; readonly check: CheckReport }> {
  const changed = await deploy(context, options);
  return { changed, check: await checkDeployed(context, changed) };
}

/** Runs and prints the check that follows each deploy, and records the deployment. */
export async function checkDeployed(context: DeployContext, changed: boolean): Promise<CheckReport> {
  const { deployment, host, phase, say, signal } = context;
  const [check] = await Promise.all([
    phase(
      "Check",
      (progress) =>
        runChecks({
          parameters: checkParametersOf(deployment),
          ...(host.engine ? { engine: host.engine.api } : {}),
          unseal: true,
          spend: true,
          progress,
          signal,
        }),
      // The report follows.
      () => null,
    ),
    recordDeployment(context, changed),
  ]);
  recordCheck(deployment.home, check);
  say(`\n${renderReport(check, terminal())}\n`);
  return check;
}

/**
 * Deploys and checks after Vault's data were replaced.
 * @param key the key to store instead of the one in the data. @default the key in the data stays
 */
export function deployAgain(context: DeployContext, key?: string) {
  return deployAndCheck(context, {
    key,
    replaceWorkingKey: async () => true,
    acceptListener: () => Promise.resolve(false),
    askKey: async () => undefined,
    askAdminToken: () => Promise.reject(new Error("a Vault of the instance's own has no admin")),
    apply: applyStacks,
  });
}
