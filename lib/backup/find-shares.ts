import { join } from "node:path";
import { UserError } from "../errors";
import { readDeployedRecord } from "../instance/deployed-record";
import type { HomePaths } from "../model/home-paths";
import type { AskForShares } from "../vault/bootstrap";
import { type KeyShares, parseShares, readShares } from "../vault/shares-file";
import type { Archive } from "./archive";
import { memberText } from "./change-home";

/**
 * The shares that open what is in a backup: from the backup itself, from this host, where those of its generation lie, or
 * from a person.
 * @throws UserError where they are nowhere, and nobody can be asked
 */
export async function findShares(
  archive: Archive,
  home: HomePaths,
  askForShares: AskForShares | undefined,
): Promise<KeyShares> {
  const { clusterId, generation, threshold } = archive.manifest.vault;
  const carried = memberText(archive, (paths) => paths.shares);
  if (carried !== undefined) return parseShares(carried, "the backup");
  const cluster = readDeployedRecord(home)?.clusterId;
  const present = cluster === undefined || cluster === clusterId ? readShares(home.shares) : undefined;
  if (present && (generation === undefined || present.generation === generation)) return present;
  const older =
    generation === undefined ? undefined : readShares(join(home.sharesForBackups, `${generation}.json`));
  if (older) return older;
  if (askForShares) return askForShares(threshold);
  throw new UserError({
    problem: "The shares that open this backup are not on this host, and not in it.",
    got: present ? `shares of generation ${present.generation}` : "none of this Vault",
    expected: generation === undefined ? "its shares" : `the shares of generation ${generation}`,
    remedy: "Give them by --share-file, or run this on a terminal, where it asks for them.",
  });
}
