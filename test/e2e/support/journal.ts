import { readFileSync } from "node:fs";
import type { JournalEntry } from "../../../lib/instance/journal";
import type { HomePaths } from "../../../lib/model/home-paths";

export function readJournal({ journal }: HomePaths): JournalEntry[] {
  return readFileSync(journal, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line));
}
