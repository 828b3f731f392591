import { rmSync } from "node:fs";
import { dirname } from "node:path";
import { z } from "zod";
import { readJsonIfThere, syncFolder, writeJson } from "../core/files/files";
import { type HomePaths, stackNames } from "../model/home-paths";

/** Written before the first thing is taken over: what lies in these states from then on may be half of it. */
const adoptionRecord = z.object({ stacks: z.array(z.enum(stackNames)).readonly(), since: z.iso.datetime() });
export type AdoptionRecord = z.output<typeof adoptionRecord>;

/** An adoption that is under way, or was interrupted. */
export function readAdoption(home: HomePaths): AdoptionRecord | undefined {
  return readJsonIfThere(home.adoption, adoptionRecord);
}

export function writeAdoption(home: HomePaths, record: AdoptionRecord): void {
  writeJson(home.adoption, record);
}

export function forgetAdoption(home: HomePaths): void {
  rmSync(home.adoption, { force: true });
  syncFolder(dirname(home.adoption));
}
