import { readFileSync } from "node:fs";
import type { HomePaths } from "../../../lib/model/home-paths";
import type { JournalEntry } from "../../../lib/store/journal";

export function readJournal({ journal }: HomePaths): JournalEntry[] {
  return readFileSync(journal, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
