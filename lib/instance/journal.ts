import { appendFileSync, existsSync } from "node:fs";
import { dirname } from "node:path";

/** A line of the journal. Keys appear as fingerprints only. */
export interface JournalEntry {
  readonly verb: string;
  readonly result: string;
}

/** Adds a line (JSON) to an instance's journal; nothing where the instance's home is gone. */
export function journal(path: string, entry: JournalEntry): void {
  if (!existsSync(dirname(path))) return;
  appendFileSync(path, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`, { mode: 0o600 });
}
