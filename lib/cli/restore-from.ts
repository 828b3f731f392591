import { randomUUID } from "node:crypto";
import { existsSync } from "node:fs";
import { join } from "node:path";
import { changesOf } from "../backup/changed-settings";
import type { Contents } from "../backup/contents";
import { fillHome, requireFreeId } from "../backup/fill-home";
import { requireWayToShares } from "../backup/find-shares";
import type { OpenBackup } from "../backup/open-backup";
import { type ProvedBackup, type ProveOptions, proveBackup } from "../backup/prove-backup";
import { retiredSince } from "../backup/retired-since";
import { settingsSchema } from "../config/settings";
import { ExitCode } from "../core/exit-codes";
import { writePrivateFile } from "../core/files/files";
import { counted } from "../core/text";
import { daysBetween } from "../core/time";
import type { Deployment } from "../model/deployment";
import { keysPage } from "../model/openrouter-key";
import { type RestoreReport, restore } from "../operations/restore/restore";
import { requireKnownHosts } from "../operations/restore/restored-hosts";
import { withSandboxServed } from "../sandbox/serve";
import { containerHost, type RunPhase } from "../session/context";
import { requireOwnAddress } from "../session/detect-vault";
import { requireOwnVault } from "../session/external-vault";
import { loadDeployment, settingsFileOf } from "../session/load-deployment";
import { prepareHost } from "../session/prepare";
import { ensureHome, instanceHome } from "../store/home";
import { type Outcome, prepareContext, underLock } from "./define-command";
import { confirmEngine } from "./input/prompts";
import { bundleOf } from "./options/options";
import type { RestoreOptions } from "./options/restore-options";
import { say } from "./output";
import { phaseRunner } from "./phases";
import { interruptible } from "./run-command";
import { agreesTo, sharesSource, trusts } from "./trust";

/** Replaces the data of an instance with a backup. Its settings and everything else on this host stay unchanged. */
export async function restoreOver(
  instance: string,
  backup: OpenBackup,
  options: RestoreOptions,
): Promise<ExitCode> {
  const deployment = loadDeployment(instance, options.settings);
  requireOwn(deployment);
  const shares = await sharesSource(deployment.home, options);
  requireWayToShares(backup.archive, shares);
  const preparation = { servesSandbox: true, replacesData: true };
  return underLock("restore", deployment, options, preparation, async ({ preparing }) => {
    const context = await prepareContext(preparing);
    const proved = await proveOn(
      backup,
      { deployment, instanceId: context.instanceId, host: containerHost(context), shares },
      phaseRunner({ mayAsk: true }),
    );
    tellProved(proved, deployment);
    requireKnownHosts(proved.hosts, options.evict ?? []);
    return outcomeOf(await restore(context, restoring(proved, options)));
  });
}

/**
 * Restores a backup onto a host without the instance. Before the backup is opened and accepted, only images and programs are
 * written.
 */
export async function restoreOnto(
  instance: string,
  backup: OpenBackup,
  options: RestoreOptions,
): Promise<ExitCode> {
  const described = await withSeal(loadDeployment(instance, options.settings), backup, options);
  if (!described) return ExitCode.Failed;
  requireOwn(described);
  let proved: ProvedBackup | undefined;
  const code = await interruptible(async (signal) => {
    proved = await prove(described, backup, options, signal);
    requireFreeId(instance, proved.contents);
    tellProved(proved, described);
    requireKnownHosts(proved.hosts, options.evict ?? []);
    const own = takesSettings(instance, options.settings) ? undefined : described.settings;
    return (await agreesTo(changesOf(proved.contents, own), options)) ? ExitCode.Ok : ExitCode.Failed;
  });
  if (!proved || code !== ExitCode.Ok) return code;
  const agreed = proved;
  return underLock("restore", described, options, { replacesData: true }, async ({ preparing }) => {
    if (takesSettings(instance, options.settings)) placeSettings(instance, agreed.contents);
    const deployment = loadDeployment(instance, options.settings);
    requireOwn(deployment);
    await requireOwnAddress(deployment);
    fillHome(deployment.home, agreed.contents);
    return withSandboxServed(deployment, async () => {
      const askForShares = async () => agreed.shares;
      const context = await prepareContext({ ...preparing, deployment, askForShares });
      return outcomeOf(await restore(context, restoring(agreed, options)));
    });
  });
}

function restoring(backup: ProvedBackup, { force, evict = [] }: RestoreOptions) {
  return { backup, force: force === true, evict };
}

async function prove(
  deployment: Deployment,
  backup: OpenBackup,
  options: RestoreOptions,
  signal: AbortSignal,
): Promise<ProvedBackup> {
  const shares = await sharesSource(deployment.home, options);
  // Checked before anything is downloaded.
  requireWayToShares(backup.archive, shares);
  const phase = phaseRunner({ mayAsk: true });
  const host = await phase("Host", (progress) =>
    prepareHost({
      wantedImage: deployment.settings.vault.image,
      confirm: confirmEngine(options.install),
      progress,
      signal,
      ...bundleOf(options),
    }),
  );
  // There is no instance yet, so the id is random.
  return proveOn(backup, { deployment, instanceId: randomUUID(), host, shares }, phase);
}

/** Opens the backup on the prepared engine, as a phase of the run. */
function proveOn(
  backup: OpenBackup,
  on: Omit<ProveOptions, "progress">,
  phase: RunPhase,
): Promise<ProvedBackup> {
  return phase("Backup", (progress) => proveBackup(backup, { ...on, progress }, async (proved) => proved));
}

/**
 * The settings with the seal that opens the snapshot: the seal of the given settings, or the backup's, if the user trusts it.
 */
async function withSeal(
  deployment: Deployment,
  { archive }: OpenBackup,
  options: RestoreOptions,
): Promise<Deployment | undefined> {
  const { sealSettings } = archive.manifest.vault;
  const { instance, settings } = deployment;
  if (!sealSettings || !takesSettings(instance, options.settings)) return deployment;
  const { vault } = settingsSchema.parse({ vault: { seal: sealSettings } });
  const what = `The backup says that this seal opens its Vault; no Vault has proved it yet:\n${JSON.stringify(vault.seal, null, 2)}\nThe files that it names are read, and their content is sent there.`;
  if (!(await trusts(what, options, "Give the seal's settings by --settings"))) return undefined;
  return { ...deployment, settings: { ...settings, vault: { ...settings.vault, seal: vault.seal } } };
}

function requireOwn(deployment: Deployment): void {
  requireOwnVault(deployment, "To restore", "Its owner restores it: vault operator raft snapshot restore F");
}

/** Prints the backup's age, its hosts, and the keys retired since: a genuine backup can still be too old. */
function tellProved({ contents, areItsOwn, hosts, unproved }: ProvedBackup, { home }: Deployment): void {
  const { created, instance } = contents.manifest;
  const by = areItsOwn
    ? "opened by its own shares, which proves nothing"
    : "opened by your shares, which proves it";
  const days = Math.floor(daysBetween(created, new Date()));
  const age = days > 0 ? ` (${counted(days, "day")} old)` : "";
  say(`  of ${created}${age}, of the instance ${instance}; ${by}`);
  if (hosts.length > 0)
    say(
      `  hosts that it serves: ${hosts.map(({ name }) => name).join(", ")}\n  (--evict NAME takes the access of one away before Vault serves)`,
    );
  if (unproved.length > 0)
    say(
      `! Its record of the hosts names keys that its Vault does not hold for them, which are left out: ${unproved.join(", ")}\n  Disable one of them only if you know that it was this host's: ${keysPage}`,
    );
  const retired = retiredSince(home, contents);
  if (retired.length > 0) say(`  keys rotated away since: ${retired.join(", ")}`);
}

function outcomeOf(report: RestoreReport): Outcome {
  const { instance, backup, check } = report;
  const restored = `Instance ${instance} is restored from the backup of ${backup.created}`;
  if (check.outcome !== "fail") return { json: report, text: `${restored}; the check passed.` };
  return {
    json: report,
    text: `${restored}, but the check failed (see above). The previous data are kept:
openclaw-openrouter restore --undo brings them back.`,
    code: ExitCode.Failed,
  };
}

/**
 * Whether a new instance takes its settings from a backup: yes, unless the host already has settings for it.
 * @param explicitPath `--settings`
 */
function takesSettings(instance: string, explicitPath: string | undefined): boolean {
  return settingsFileOf(instance, explicitPath) === undefined;
}

/** Writes a backup's settings, after review and consent, to the instance directory. */
function placeSettings(instance: string, { settings }: Contents): void {
  if (!settings) return;
  const home = instanceHome(instance);
  ensureHome(home);
  const path = join(home, settings.name);
  if (!existsSync(path)) writePrivateFile(path, settings.text);
}
