import { withEphemeralVault } from "../../backup/ephemeral-vault";
import { makeBackup } from "../../backup/make-backup";
import { reasonOf, UserError } from "../../core/errors";
import { compareVersions } from "../../core/version";
import { requireSupported } from "../../model/vault/vault-version";
import type { CheckReport } from "../../report/check-report";
import { containerHost, type DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { requireData, requireStates } from "../../session/requirements";
import { hostRecord } from "../../store/records/host-record";
import { type ReplacingRecord, readReplacingOf } from "../../store/records/replacing-record";
import { VaultClient } from "../../vault/client";
import { readSealStatus } from "../../vault/wait";
import { deployAgain } from "../deploy/deploy";
import { forgetData, keepData, removeContainer, undoReplacing } from "./replace-data";

/** The previous image, as the settings named it and as the engine has it. */
type ImageBefore = NonNullable<ReplacingRecord["imageBefore"]>;

/** The result of `vault upgrade`, as `--json` prints it. */
export interface UpgradeReport {
  readonly version: 1;
  readonly instance: string;
  /** `back`: the new image failed, and the old image and data are restored. */
  readonly outcome: "nothing to do" | "upgraded" | "back";
  /** The version of Vault, and the image. */
  readonly from: { readonly vault: string; readonly image: string };
  readonly to: { readonly vault: string; readonly image: string };
  readonly backup: string | null;
  /** Why it was rolled back. */
  readonly why?: string;
  readonly check: CheckReport | null;
}

/**
 * Upgrades Vault to the image in the settings: backs it up, replaces the container, unseals, and checks. If that fails, it
 * restores the old image and the old data. If it is interrupted, the same command resumes it.
 * @throws UserError if the image contains an older Vault, which may be unable to read the data
 */
export async function upgrade(context: DeployContext, previous: ImageBefore): Promise<UpgradeReport> {
  const { deployment, phase } = context;
  const going = readReplacingOf("upgrade", deployment.home);
  const imageBefore = going?.imageBefore ?? previous;
  const to = { vault: await versionOf(context), image: deployment.settings.vault.image };
  // The version comes from a run of the image, so its labels do not matter.
  requireSupported({ product: "Vault", version: to.vault }, to.image);
  const about = { version: 1, instance: deployment.instance, to } as const;
  if (going?.stage === "replaced" || going?.stage === "copied") {
    // The old image may be unable to read what the new one has changed.
    const { reference } = containerHost(context).image;
    const isReverted = to.image === imageBefore.wanted && reference === imageBefore.reference;
    const why = isReverted
      ? "The settings name the old image again."
      : "The previous run was interrupted while it restored the old data.";
    const resumed =
      going.stage === "replaced" && !isReverted
        ? await change(context, imageBefore)
        : await goBack(context, imageBefore, why);
    return { ...about, from: { vault: "", image: imageBefore.wanted }, backup: going.backup, ...resumed };
  }
  await deployPrevious(context, imageBefore);
  await requireVault(context);
  const { version } = await readSealStatus(VaultClient.at(deployment));
  const from = { vault: version, image: imageBefore.wanted };
  if (compareVersions(to.vault, version) < 0)
    throw new UserError({
      problem: "The settings name an older Vault than the one that runs. Nothing was changed.",
      got: `Vault ${to.vault} in ${to.image}`,
      expected: `Vault ${from.vault} or newer`,
      fix: "Vault cannot read the data of a newer version. To go back, restore an older backup:\n`openclaw-openrouter backup list` names them.",
    });
  if (!going && (await isSameImage(context))) {
    // A run can be interrupted after the upgrade, before it removes the copies.
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
  await phase("Copy of the data", (progress) =>
    keepData(context, { command: "upgrade", file, imageBefore, progress }),
  );
  return { ...about, from, backup: file, ...(await change(context, imageBefore)) };
}

/**
 * Deploys the previous image if there is no container: after `destroy`, or after a way back that failed at its end. `up` does not
 * deploy another image than the last one, and an upgrade begins with an open Vault.
 */
async function deployPrevious(context: DeployContext, imageBefore: ImageBefore): Promise<void> {
  const { container, settings } = context.deployment;
  if (imageBefore.wanted === settings.vault.image) return;
  if (await containerHost(context).engine.api.inspectContainer(container)) return;
  await requireStates(context);
  await requireData(context);
  context.say(
    `There is no container ${container}: it is deployed with its last image ${imageBefore.wanted} first.`,
  );
  await deployAgain(withImage(context, imageBefore));
  hostRecord.write(context.deployment.home, containerHost(context).record);
}

async function change(
  context: DeployContext,
  imageBefore: ImageBefore,
): Promise<Pick<UpgradeReport, "outcome" | "check" | "why">> {
  const { check, why } = await deployAgain(context).then(
    (deployed) => ({ check: deployed.check, why: failed(deployed.check) }),
    (error: unknown) => ({ check: null, why: reasonOf(error) }),
  );
  context.signal.throwIfAborted();
  if (why !== undefined) return goBack(context, imageBefore, why);
  await forgetData(context);
  return { outcome: "upgraded", check };
}

/** Restores the previous image and the previous data. Can be repeated, until it has deployed them. */
async function goBack(
  context: DeployContext,
  imageBefore: ImageBefore,
  why: string,
): Promise<Pick<UpgradeReport, "outcome" | "check" | "why">> {
  context.say(`! ${why}\n  Restoring the old image and the old data.`);
  const before = withImage(context, imageBefore);
  await removeContainer(before);
  await context.phase("Previous data", (progress) => undoReplacing(before, progress));
  await removeContainer(before);
  const { check } = await deployAgain(before);
  return { outcome: "back", check, why };
}

/**
 * The failed check that shows that Vault does not work. Failures of OpenRouter do not count: it can be down for its own
 * reasons.
 */
function failed({ results }: CheckReport): string | undefined {
  const bad = results.find(({ id, status }) => status === "fail" && /^(vault|secret|guide)\./.test(id));
  return bad && `The check ${bad.id} failed: ${bad.summary}`;
}

/** The context with the previous image. */
function withImage(context: DeployContext, { wanted, reference }: ImageBefore): DeployContext {
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

/** The version of Vault in the image, read from a running container. */
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
