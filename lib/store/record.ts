import { rmSync } from "node:fs";
import { dirname } from "node:path";
import type { z } from "zod";
import { readJsonIfThere, syncFolder, writeJsonIfChanged } from "../core/files/files";
import type { HomePaths } from "../model/home-paths";

/** What an instance remembers of one thing: a JSON file of its directory. */
export interface RecordFile<S extends z.ZodType> {
  readonly schema: S;
  /** @returns undefined if there is none. @throws UserError if the file is not what this program writes there */
  read(home: HomePaths): z.output<S> | undefined;
  /** Writes it so that a crash leaves the old one or the new one, whole. */
  write(home: HomePaths, record: z.output<S>): void;
  /** Removes it for good, if there is one. */
  remove(home: HomePaths): void;
}

/** The names of the files in {@link HomePaths}. */
type FileName = {
  [Name in keyof HomePaths]: HomePaths[Name] extends string ? Name : never;
}[keyof HomePaths];

/** @param name of the file, in {@link HomePaths} */
export function defineRecord<S extends z.ZodType>(name: FileName, schema: S): RecordFile<S> {
  return {
    schema,
    read: (home) => readJsonIfThere(home[name], schema),
    write: (home, record) => writeJsonIfChanged(home[name], record),
    remove(home) {
      rmSync(home[name], { force: true });
      syncFolder(dirname(home[name]));
    },
  };
}
