import { declarationDigest } from "../../backup/declaration";
import { type SharesSource, sharesOfHost } from "../../backup/find-shares";
import { makeBackup } from "../../backup/make-backup";
import { withBackup } from "../../backup/open-backup";
import { type ProvedBackup, proveBackup } from "../../backup/prove-backup";
import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { keyFingerprint } from "../../model/openrouter-key";
import { containerHost, type DeployContext } from "../../session/context";
import { openVault } from "../../session/open-vault";
import { readKey, readStoredKey } from "../../session/read-stored-key";
import { requireOurs } from "../../session/requirements";
import { deployedRecord } from "../../store/records/deployed-record";
import { readKeyRecord } from "../../store/records/key-record";
import {
  type ReplacingRecord,
  replacingCommands,
  replacingRecord,
} from "../../store/records/replacing-record";
import { VaultClient } from "../../vault/client";
import { readSealStatus } from "../../vault/wait";
import { deployAgain } from "../deploy/deploy";
import { describeCutOff } from "../deploy/listening";
import { changeHome } from "./change-home";
import { forgetData, replaceData } from "./replace-data";
import {
  describeRestoredHosts,
  recordEvictions,
  recordRestoredHosts,
  requireEvicted,
} from "./restored-hosts";

interface RestoreOptions {
  readonly backup: ProvedBackup;
  /** Whether a backup of another Vault is allowed. */
  readonly force: boolean;
  /** The hosts whose access is taken away before Vault serves. */
  readonly evict: readonly string[];
}

/** The result of `restore`, as `--json` prints it. */
export type RestoreReport = Awaited<ReturnType<typeof restore>>;

/**
 * Restores a backup, on the same host or on an empty one: backs up the existing data, replaces Vault's data, deploys, and
 * checks. The previous data are kept until the check passes. If it is interrupted, the same command resumes it.
 * @throws UserError if it is a backup of another Vault
 */
export async function restore(context: DeployContext, options: RestoreOptions) {
  const { deployment, phase, say } = context;
  const { backup, evict } = options;
  const { contents, file, shares, hosts } = backup;
  const { home } = deployment;
  const going = replacingRecord.read(home);
  const isReplaced = going?.stage === "replaced" && going.command === "restore" && going.backup === file;
  if (isReplaced) requireEvicted(home, hosts, evict);
  const present = isReplaced ? presentOf(going) : await inspectPresent(context, options, going);
  if (!isReplaced) {
    await phase("Vault's data", (progress) =>
      replaceData(context, {
        backup,
        command: "restore",
        shares,
        isBackedUp: present.backup !== undefined,
        ...defined({ before: present.backup }),
        recreate: false,
        servesHosts: hosts.length > 0,
        recordEvictions: () => recordEvictions(home, hosts, evict),
        changeHome: () => {
          changeHome(deployment, backup);
          recordRestoredHosts(home, backup, evict);
        },
        progress,
      }),
    );
  }
  for (const line of [...describeRestoredHosts(home, hosts, evict), ...describeCutOff(deployment)]) say(line);
  const { check } = await deployAgain(context, await keyToKeep(context, present, backup));
  if (check.outcome !== "fail") await forgetData(context);
  return {
    version: 1 as const,
    instance: deployment.instance,
    from: file,
    backup: contents.manifest,
    /** The backup of the previous data; null if there were none, or they could not be opened. */
    before: present.backup ?? null,
    /** Whether the declaration is the same as the backup's, apart from the host's own values. */
    sameDeclaration: (await declarationDigest(deployment)) === contents.manifest.declaration,
    check,
  };
}

/** The previous key and its backup, if Vault could be opened. */
interface Present {
  /** @default only the backup has it */
  readonly key?: string | undefined;
  readonly backup?: string;
}
const nothing: Present = {};

/** What an interrupted restore knew of them. */
function presentOf({ before }: ReplacingRecord): Present {
  return before === undefined ? nothing : { backup: before };
}

async function inspectPresent(
  context: DeployContext,
  { backup, force }: RestoreOptions,
  going: ReplacingRecord | undefined,
): Promise<Present> {
  const { deployment, phase, say } = context;
  // First: an unmanaged container must not be started, nor be reported as data that cannot be opened.
  await requireOurs(context);
  // The data can be incomplete.
  if (going && going.stage !== "replaced") return presentOf(going);
  requireSameVault(deployedRecord.read(deployment.home)?.clusterId, backup, force);
  const opened = await phase("Vault", (progress) => openVault(context, progress)).catch((error) => {
    if (!(error instanceof UserError)) throw error;
    const kept = going?.hadData
      ? `What is kept are the data from before \`${replacingCommands[going.command]}\` of ${going.since}.`
      : "A copy of its data is kept.";
    say(`! The existing Vault cannot be opened, so it is not backed up. ${kept}\n  ${error.props.problem}`);
    return undefined;
  });
  if (!opened) return nothing;
  const vault = VaultClient.at(opened.place);
  requireSameVault((await readSealStatus(vault)).cluster_id, backup, force);
  const stored = await readStoredKey(vault, deployment.home);
  const made = await phase("Backup of the existing data", (progress) => makeBackup(context, { progress }));
  say(`  ${made.record.file}`);
  return { key: stored?.key, backup: made.record.file };
}

function requireSameVault(
  present: string | undefined,
  { file, clusterId, contents }: ProvedBackup,
  force: boolean,
): void {
  if (!present || present === clusterId || force) return;
  throw new UserError({
    problem: `${file} is a backup of another Vault than this instance's. Nothing was changed.`,
    got: `cluster ${clusterId}, of the instance ${contents.manifest.instance}`,
    expected: `cluster ${present}`,
    fix: "To restore it all the same, add --force. The existing data are backed up first.",
  });
}

/** The key to store instead of the backup's, if that one was retired since: the current key, if it is known. */
async function keyToKeep(
  context: DeployContext,
  present: Present,
  backup: ProvedBackup,
): Promise<string | undefined> {
  const { fingerprint, retired } = readKeyRecord(context.deployment.home);
  if (fingerprint === undefined || !retired.includes(fingerprint)) return undefined;
  return insteadOfRetired(context, "backup's", present.key ?? (await keyIn(context, present.backup, backup)));
}

/** Says that the key of restored data was rotated away since. @returns the current key, if it is known: it is stored instead */
export function insteadOfRetired(
  { deployment, say }: DeployContext,
  whose: "backup's" | "previous",
  current: string | undefined,
): string | undefined {
  const { fingerprint, retired } = readKeyRecord(deployment.home);
  const known = current !== undefined && !retired.includes(keyFingerprint(current));
  say(
    known
      ? `! The ${whose} key (${fingerprint}) was rotated away since: the current key is stored again.`
      : `! The ${whose} key (${fingerprint}) was rotated away since, and no longer works.\n  Store a new one: openclaw-openrouter up --key-file F`,
  );
  return known ? current : undefined;
}

/** The key in the backup of the previous data, for a run that resumes after these were replaced; undefined if it does not open. */
async function keyIn(
  context: DeployContext,
  file: string | undefined,
  { shares }: ProvedBackup,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { deployment, instanceId, phase } = context;
  const source: SharesSource = {
    onHost: [...sharesOfHost(deployment.home), shares],
    areGiven: false,
    trust: async () => false,
    decryption: () => Promise.reject(new Error("the shares of this host open it, or nobody's")),
  };
  const host = containerHost(context);
  return phase("Previous key, from its backup", (progress) =>
    withBackup(file, (open) =>
      proveBackup(
        open,
        { deployment, instanceId, host, shares: source, progress },
        async (_, root) => (await readKey(root))?.key,
      ),
    ),
  ).catch(() => {
    context.signal.throwIfAborted();
    return undefined;
  });
}
