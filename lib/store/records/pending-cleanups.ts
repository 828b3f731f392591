import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { fingerprintOfDigest } from "../../model/openrouter-key";
import { defineRecord } from "./record";

/**
 * The removal of a key that is no longer needed. `hash`, `sha256`, `label` or `name` finds it at OpenRouter; the key itself is
 * not stored.
 */
const removal = z.object({
  kind: z.literal("remove"),
  /** The key's id in OpenRouter's API, if it is known. */
  hash: z.string().exactOptional(),
  sha256: z.string().exactOptional(),
  label: z.string().exactOptional(),
  name: z.string().exactOptional(),
  since: z.iso.datetime(),
  /** The time between disabling and removing the key, in seconds. */
  graceSeconds: z.int(),
  /** When the key was disabled. */
  disabled: z.iso.datetime().exactOptional(),
});
const renaming = z.object({ kind: z.literal("rename"), hash: z.string(), name: z.string() });

export const pendingCleanupsFile = z.object({
  pendingCleanups: z.array(z.discriminatedUnion("kind", [removal, renaming])),
});

/** A change that is still to be made at OpenRouter, with a management key. */
export type PendingCleanup = z.output<typeof pendingCleanupsFile>["pendingCleanups"][number];
export type Removal = z.output<typeof removal>;
const file = defineRecord("pendingCleanups", pendingCleanupsFile);

export function readPendingCleanups(home: HomePaths): PendingCleanup[] {
  return file.read(home)?.pendingCleanups ?? [];
}

export function writePendingCleanups(home: HomePaths, pendingCleanups: readonly PendingCleanup[]): void {
  file.write(home, { pendingCleanups: [...pendingCleanups] });
}

/** Adds a cleanup once: a repeated run adds nothing. */
export function addPendingCleanup(home: HomePaths, cleanup: PendingCleanup): void {
  const known = readPendingCleanups(home);
  if (known.some((other) => isSame(other, cleanup))) return;
  writePendingCleanups(home, [...known, cleanup]);
}

/** Drops the removal of a key that is in use again. */
export function dropRemoval(home: HomePaths, sha256: string): void {
  const known = readPendingCleanups(home);
  const kept = known.filter((cleanup) => cleanup.kind !== "remove" || cleanup.sha256 !== sha256);
  if (kept.length < known.length) writePendingCleanups(home, kept);
}

function isSame(one: PendingCleanup, other: PendingCleanup): boolean {
  const identity = (cleanup: PendingCleanup) =>
    cleanup.kind === "rename"
      ? [cleanup.kind, cleanup.hash]
      : [cleanup.kind, cleanup.sha256, cleanup.hash, cleanup.name];
  return JSON.stringify(identity(one)) === JSON.stringify(identity(other));
}

/** The words by which a person finds the key at openrouter.ai. */
export function describeKey({ label, name, sha256 }: Removal): string {
  return (
    label ??
    (name ? `named ${JSON.stringify(name)}` : `with fingerprint ${sha256 && fingerprintOfDigest(sha256)}`)
  );
}
