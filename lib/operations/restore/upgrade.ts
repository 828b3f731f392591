import { withEphemeralVault } from "../../backup/ephemeral-vault";
import { makeBackup } from "../../backup/make-backup";
import type { CheckReport } from "../../check";
import { reasonOf, UserError } from "../../core/errors";
import { compareVersions } from "../../core/version";
import { requireSupported } from "../../model/vault-version";
import { containerHost, type DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { hostRecord } from "../../store/host-record";
import { type ReplacingRecord, readReplacingOf } from "../../store/replacing-record";
import { VaultClient } from "../../vault/client";
import { readSealStatus } from "../../vault/wait";
import { deployAgain } from "./deploy-again";
import { forgetData, keepData, removeContainer, undoReplacing } from "./replace-data";

export interface UpgradeOptions {
  /** The image before, as the settings named it, and as the engine has it. */
  readonly imageBefore: NonNullable<ReplacingRecord["imageBefore"]>;
  readonly say: (line: string) => void;
}

/** What `vault upgrade` did, as `--json` gives it. */
export interface UpgradeReport {
  readonly version: 1;
  readonly instance: string;
  /** `back`: the new one did not do, and the old image and data are in place again. */
  readonly outcome: "nothing to do" | "upgraded" | "back";
  /** Versions of Vault, and images. */
  readonly from: { readonly vault: string; readonly image: string };
  readonly to: { readonly vault: string; readonly image: string };
  readonly backup: string | null;
  /** Why it went back. */
  readonly why?: string;
  readonly check: CheckReport | null;
}

/**
 * Brings Vault to the image that the settings name: backs it up, replaces the container, unseals, and checks. Where that
 * fails the old image and the old data are put back. Interrupted, the same command resumes.
 * @throws UserError where the image holds an older Vault: it may not understand the data
 */
export async function upgrade(context: DeployContext, options: UpgradeOptions): Promise<UpgradeReport> {
  const { deployment, phase } = context;
  const going = readReplacingOf("upgrade", deployment.home);
  const imageBefore = going?.imageBefore ?? options.imageBefore;
  const to = { vault: await versionOf(context), image: deployment.settings.vault.image };
  // It ran just now: what its labels say is no matter.
  requireSupported({ product: "Vault", version: to.vault }, to.image);
  const about = { version: 1, instance: deployment.instance, to } as const;
  if (going?.stage === "replaced") {
    const from = { vault: "", image: imageBefore.wanted };
    return { ...about, from, backup: going.backup, ...(await change(context, imageBefore, options)) };
  }
  await requireVault(context);
  const { version } = await readSealStatus(VaultClient.at(deployment));
  const from = { vault: version, image: imageBefore.wanted };
  if (compareVersions(to.vault, version) < 0) throw downgrade(from, to);
  if (!going && (await isSameImage(context))) {
    // A run may have been interrupted between its end and this.
    await forgetData(context);
    return { ...about, from, outcome: "nothing to do", backup: null, check: null };
  }
  const file =
    going?.backup ??
    (
      await phase(
        "Backup",
        (progress) => makeBackup(context, { progress }),
        ({ record }) => record.file,
      )
    ).record.file;
  await phase("Data of now", (progress) =>
    keepData(context, { command: "upgrade", file, imageBefore, progress }),
  );
  return { ...about, from, backup: file, ...(await change(context, imageBefore, options)) };
}

async function change(
  context: DeployContext,
  imageBefore: UpgradeOptions["imageBefore"],
  { say }: UpgradeOptions,
): Promise<Pick<UpgradeReport, "outcome" | "check" | "why">> {
  const deployed = await deployAgain(context, say).catch((error) => ({ error: error as Error }));
  context.signal.throwIfAborted();
  const why = "error" in deployed ? reasonOf(deployed.error) : failed(deployed.check);
  if (why === undefined && "check" in deployed) {
    await forgetData(context);
    return { outcome: "upgraded", check: deployed.check };
  }
  say(`! ${why}\n  The old image and the old data are put back.`);
  const before = withImage(context, imageBefore);
  await removeContainer(before);
  await context.phase("Previous data", (progress) => undoReplacing(before, progress));
  await removeContainer(before);
  const { check } = await deployAgain(before, say);
  return { outcome: "back", check, ...(why === undefined ? {} : { why }) };
}

/** What of a check says that Vault does not do its work: OpenRouter may be down for reasons of its own. */
function failed({ results }: CheckReport): string | undefined {
  const bad = results.find(({ id, status }) => status === "fail" && /^(vault|secret|guide)\./.test(id));
  return bad && `The check ${bad.id} failed: ${bad.summary}`;
}

/** The same with the previous image. */
function withImage(
  context: DeployContext,
  { wanted, reference }: UpgradeOptions["imageBefore"],
): DeployContext {
  const { deployment } = context;
  const { image, ...host } = containerHost(context);
  const { vault, ...settings } = deployment.settings;
  const record = { ...hostRecord.read(deployment.home), image: { wanted, reference } };
  hostRecord.write(deployment.home, record);
  return {
    ...context,
    deployment: { ...deployment, settings: { ...settings, vault: { ...vault, image: wanted } } },
    host: { ...host, image: { ...image, reference }, record },
  };
}

/** Which Vault is in the image: it is asked, as it runs. */
async function versionOf(context: DeployContext): Promise<string> {
  const { deployment, instanceId, phase } = context;
  const { engine, image } = containerHost(context);
  const props = { name: `${deployment.container}-ephemeral`, image: image.reference, instanceId };
  return phase(
    "Image",
    () => withEphemeralVault(engine.api, props, async ({ client }) => (await readSealStatus(client)).version),
    (version) => `${image.reference}, Vault ${version}`,
  );
}

async function isSameImage(context: DeployContext): Promise<boolean> {
  const { engine, image } = containerHost(context);
  const [container, wanted] = await Promise.all([
    engine.api.inspectContainer(context.deployment.container),
    engine.api.inspectImage(image.reference),
  ]);
  return container !== undefined && container.Image === wanted?.Id;
}

function downgrade(from: UpgradeReport["from"], to: UpgradeReport["to"]): UserError {
  return new UserError({
    problem: "The settings name an older Vault than the one that runs. Nothing was changed.",
    got: `Vault ${to.vault} in ${to.image}`,
    expected: `Vault ${from.vault} or newer`,
    fix: "Vault does not read data that a newer one has written. To go back, restore a backup of then:\n`openclaw-openrouter backup list` names them.",
  });
}
