import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dropUnneeded, keepForBackups, keepOlder, olderShares } from "../../lib/store/older-shares";
import { writeBackups } from "../../lib/store/records/backup-record";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const of = (generation: number, ...shares: string[]) => ({ generation, shares });

function homeWithBackups(...generations: number[]) {
  const home = homeOf(scratchFolder());
  writeBackups(
    home,
    generations.map((generation) => ({
      ...{ file: `/backups/${generation}.tar`, created: "2026-11-25T12:00:00.000Z", sha256: "0" },
      ...{ clusterId: "c", seal: "shamir", generation },
    })),
  );
  const kept = () =>
    olderShares(home).map(({ generation, path }) => [
      generation,
      JSON.parse(readFileSync(path, "utf8")).shares,
    ]);
  return { home, kept };
}

test("shares of a number that a rekey gave again do not replace those that older backups need", () => {
  const { home, kept } = homeWithBackups(1, 2);
  // A restore of a backup of generation 1, and two rekeys: the second one replaces another generation 2.
  keepOlder(home, of(2, "a", "b"));
  keepForBackups(home, of(1, "c", "d"));
  keepForBackups(home, of(2, "e", "f"));
  expect(new Set(kept())).toEqual(
    new Set([
      [1, ["c", "d"]],
      [2, ["a", "b"]],
      [2, ["e", "f"]],
    ]),
  );
  // Killed and repeated.
  keepForBackups(home, of(2, "e", "f"));
  expect(kept()).toHaveLength(3);
});

test("a damaged file is not replaced either", () => {
  const { home } = homeWithBackups(1);
  keepForBackups(home, of(1, "a"));
  writeFileSync(olderShares(home)[0]!.path, "{");
  keepForBackups(home, of(1, "a"));
  expect(readdirSync(home.sharesForBackups)).toHaveLength(2);
});

test("those that no backup needs are not kept, or removed: each of their number", () => {
  const { home, kept } = homeWithBackups(1);
  expect(keepForBackups(home, of(3, "x"))).toBe(false);
  for (const letter of ["a", "b"]) keepOlder(home, of(2, letter));
  keepOlder(home, of(1, "c"));
  expect(dropUnneeded(home).map(({ generation }) => generation)).toEqual([1]);
  expect(kept()).toEqual([[1, ["c"]]]);
});
