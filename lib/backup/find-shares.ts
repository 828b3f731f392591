import { join } from "node:path";
import { UserError } from "../errors";
import { type HomePaths, homePaths } from "../model/home-paths";
import type { AskForShares } from "../vault/bootstrap";
import { type KeyShares, parseShares, readShares } from "../vault/shares-file";
import type { Archive } from "./archive";
import { pathInHome } from "./home-members";

/**
 * The shares that open what is in a backup: from the backup itself, from this host, where those of its generation lie, or
 * from a person.
 * @throws UserError where they are nowhere, and nobody can be asked
 */
export async function findShares(
  { manifest, members }: Archive,
  home: HomePaths,
  askForShares: AskForShares | undefined,
): Promise<KeyShares> {
  const { generation, threshold } = manifest.vault;
  const shares = homePaths("/").shares;
  const carried = members.find(({ name }) => pathInHome(homePaths("/"), name) === shares);
  if (carried) return parseShares(carried.content.toString("utf8"), "the backup");
  const present = readShares(home.shares);
  if (present && (generation === undefined || present.generation === generation)) return present;
  const older =
    generation === undefined ? undefined : readShares(join(home.sharesForBackups, `${generation}.json`));
  if (older) return older;
  if (askForShares) return askForShares(threshold);
  throw new UserError({
    problem: "The shares that open this backup are not on this host, and not in it.",
    got: present ? `shares of generation ${present.generation}` : `no ${home.shares}`,
    expected: generation === undefined ? "its shares" : `the shares of generation ${generation}`,
    remedy: "Give them by --shares-file, or run this on a terminal, where it asks for them.",
  });
}
