import { randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { join } from "node:path";
import { sharesMissing, sharesOfHost } from "../../backup/find-shares";
import { type Inventory, takeInventory } from "../../backup/inventory";
import { makeBackup } from "../../backup/make-backup";
import { type OpenBackup, withBackup } from "../../backup/open-backup";
import { withRestored } from "../../backup/restore-into";
import { readJsonIfThere, writeJson } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";
import { containerHost, type DeployContext } from "../../session/context";
import { requireVault } from "../../session/require-vault";
import { readHosts } from "../../store/records/hosts-record";
import { readReplacingOf } from "../../store/records/replacing-record";
import { withUnrecordedRootToken } from "../../vault/identities/root-session";
import type { KeyShares } from "../../vault/shares/shares-file";
import { unseal } from "../../vault/unseal";
import { deployAgain } from "../deploy/deploy";
import { compare, type HostFacts, inventoryOf, surroundings, surroundingsOf } from "./compare";
import { forgetData, replaceData } from "./replace-data";
import { describeClosedInvitations } from "./restored-hosts";

/** The result of `rebuild`, as `--json` prints it. `backup`: the file of the backup that it made. */
export type RebuildReport = Awaited<ReturnType<typeof rebuild>>;

/**
 * Makes a backup, re-creates the container and volumes from it, and compares the instance before and after. The instance
 * directory stays unchanged, and the old data are kept until the comparison and the check pass. If it is interrupted, the same
 * command resumes it.
 */
export async function rebuild(context: DeployContext) {
  const { deployment } = context;
  const going = readReplacingOf("rebuild", deployment.home);
  // For both inventories of the comparison.
  const salt = randomBytes(32).toString("hex");
  const file = going?.backup ?? (await backUp(context));
  return withBackup(file, async (backup) => {
    const shares = await sharesOf(context, backup);
    const before = await factsBefore(context, backup, shares, salt, going !== undefined);
    if (going?.stage !== "replaced") {
      await context.phase("Container and volumes", (progress) =>
        replaceData(context, {
          backup,
          command: "rebuild",
          shares,
          isBackedUp: true,
          recreate: true,
          servesHosts: readHosts(deployment.home).hosts.length > 0,
          changeHome: () => {},
          progress,
        }),
      );
    }
    for (const line of describeClosedInvitations(deployment.home)) context.say(line);
    const { check } = await deployAgain(context);
    const comparison = await context.phase("Comparison", async () =>
      compare(before, {
        inventory: await inventoryOf(context, shares, salt),
        ...(await surroundingsOf(context)),
      }),
    );
    if (check.outcome !== "fail" && comparison.changed.length === 0) {
      await forgetData(context);
      rmSync(pictureFile(deployment.home), { force: true });
    }
    const { instance } = deployment;
    return { version: 1 as const, instance, backup: file, comparison, check };
  });
}

async function backUp(context: DeployContext): Promise<string> {
  await requireVault(context);
  const { record } = await context.phase("Backup", (progress) => makeBackup(context, { progress }));
  context.say(`  ${record.file}`);
  return record.file;
}

/** The shares that open the backup: the instance's own, since the rebuild made the backup. */
async function sharesOf({ deployment, askForShares }: DeployContext, { archive }: OpenBackup) {
  const [here] = sharesOfHost(deployment.home);
  if (here) return here;
  if (askForShares) return askForShares(archive.manifest.vault.threshold);
  throw sharesMissing("none on this host");
}

/** The facts before the rebuild: the current ones, or, after an interruption, those in the backup. */
async function factsBefore(
  context: DeployContext,
  backup: OpenBackup,
  shares: KeyShares,
  salt: string,
  isInterrupted: boolean,
): Promise<HostFacts> {
  const { home } = context.deployment;
  const known = isInterrupted ? readJsonIfThere(pictureFile(home), surroundings) : undefined;
  if (known) return { ...known, inventory: await inventoryOfBackup(context, backup, shares, salt) };
  const now = await surroundingsOf(context);
  writeJson(pictureFile(home), now);
  return { ...now, inventory: await inventoryOf(context, shares, salt) };
}

async function inventoryOfBackup(
  context: DeployContext,
  backup: OpenBackup,
  shares: KeyShares,
  salt: string,
): Promise<Inventory> {
  return context.phase("Previous contents, from the backup", (progress) =>
    withRestored(
      { ...context, host: containerHost(context), progress },
      backup,
      (sealed) => unseal(sealed, shares),
      (client) => withUnrecordedRootToken(client, shares, (root) => takeInventory(root, salt)),
    ),
  );
}

function pictureFile(home: HomePaths): string {
  return join(home.root, "before-rebuild.json");
}
