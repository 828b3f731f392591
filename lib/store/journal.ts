import { existsSync } from "node:fs";
import { dirname } from "node:path";
import { appendFlushed } from "../core/files/files";

/** A line of the journal. Keys appear as fingerprints only. */
export interface JournalEntry {
  readonly command: string;
  readonly result: string;
  /** Fingerprint of the active key. */
  readonly key?: string;
  /** Fingerprint of the previous key. */
  readonly before?: string;
  /** Name, at OpenRouter, of a key that is about to be created. */
  readonly name?: string;
}

/** Appends a line (JSON) to an instance's journal and syncs it to disk. Does nothing if the instance directory is gone. */
export function journal(path: string, entry: JournalEntry): void {
  if (!existsSync(dirname(path))) return;
  appendFlushed(path, `${JSON.stringify({ at: new Date().toISOString(), ...entry })}\n`);
}
