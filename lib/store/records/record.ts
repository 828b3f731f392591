import type { z } from "zod";
import { readJsonIfThere, removeFile, writeJsonIfChanged } from "../../core/files/files";
import type { HomePaths } from "../../model/home-paths";

/** A record of an instance: a JSON file in its directory. */
interface RecordFile<S extends z.ZodType> {
  readonly schema: S;
  /** @returns undefined if there is none. @throws UserError if the file does not match the schema */
  read(home: HomePaths): z.output<S> | undefined;
  /** Writes the record atomically: a crash leaves either the old or the new one, complete. */
  write(home: HomePaths, record: z.output<S>): void;
  /** Removes the record, if there is one, and syncs that to disk. */
  remove(home: HomePaths): void;
}

/** The name of a file in {@link HomePaths}. */
export type FileName = {
  [Name in keyof HomePaths]: HomePaths[Name] extends string ? Name : never;
}[keyof HomePaths];

/** @param name the name of the file in {@link HomePaths} */
export function defineRecord<S extends z.ZodType>(name: FileName, schema: S): RecordFile<S> {
  return {
    schema,
    read: (home) => readJsonIfThere(home[name], schema),
    write: (home, record) => writeJsonIfChanged(home[name], record),
    remove: (home) => removeFile(home[name]),
  };
}
