import { z } from "zod";
import type { HomePaths } from "../model/home-paths";
import { fingerprintOfDigest } from "../model/openrouter-key";
import { readJsonIfThere, writeJson } from "./files";

/** A key that is no longer needed. By one of these it is found at OpenRouter; the text of the key is kept nowhere. */
const removal = z.object({
  kind: z.literal("remove"),
  /** OpenRouter's name for it in its API, where it is known. */
  hash: z.string().exactOptional(),
  sha256: z.string().exactOptional(),
  label: z.string().exactOptional(),
  name: z.string().exactOptional(),
  since: z.iso.datetime(),
  /** How long it is kept once it was disabled, in seconds. */
  graceSeconds: z.int(),
  /** When it was disabled. */
  disabled: z.iso.datetime().exactOptional(),
});
const renaming = z.object({ kind: z.literal("rename"), hash: z.string(), name: z.string() });

export const errandsFile = z.object({ errands: z.array(z.discriminatedUnion("kind", [removal, renaming])) });

/** Something that is still to be done at OpenRouter, with a management key. */
export type Errand = z.output<typeof errandsFile>["errands"][number];
export type Removal = z.output<typeof removal>;

export function readErrands(home: HomePaths): Errand[] {
  return readJsonIfThere(home.errands, errandsFile)?.errands ?? [];
}

export function writeErrands(home: HomePaths, errands: readonly Errand[]): void {
  writeJson(home.errands, { errands });
}

/** Adds an errand, once: a run that is repeated adds nothing. */
export function addErrand(home: HomePaths, errand: Errand): void {
  const known = readErrands(home);
  if (known.some((other) => isSame(other, errand))) return;
  writeErrands(home, [...known, errand]);
}

function isSame(one: Errand, other: Errand): boolean {
  const identity = (errand: Errand) =>
    errand.kind === "rename"
      ? [errand.kind, errand.hash]
      : [errand.kind, errand.sha256, errand.hash, errand.name];
  return JSON.stringify(identity(one)) === JSON.stringify(identity(other));
}

/** How a person finds the key at openrouter.ai. */
export function describeKey({ label, name, sha256 }: Removal): string {
  return (
    label ??
    (name ? `named ${JSON.stringify(name)}` : `with fingerprint ${sha256 && fingerprintOfDigest(sha256)}`)
  );
}
