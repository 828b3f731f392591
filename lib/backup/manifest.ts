import { z } from "zod";
import { isValidName } from "../model/instance-name";

/** A line that is shown to a person: no control characters, and not endless. */
const line = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]*$/);

/**
 * What a backup says of itself, and no secret. Outside of Vault's snapshot anybody can have written it: there it is shown, and
 * nothing is done because of it. The same lies in the snapshot.
 */
export const manifest = z.strictObject({
  format: z.literal("openclaw-openrouter backup"),
  /** Of the format: a program reads its own alone. */
  version: z.int().min(1),
  /** The program that made it, and its version. */
  program: line,
  instance: z.string().refine(isValidName),
  instanceId: z.uuid(),
  created: z.iso.datetime(),
  vault: z.strictObject({
    /** Such as `1.21.2`. */
    version: line.regex(/^\d+\.\d+\.\d+/),
    clusterId: line,
    /** As Vault names it: `shamir`, `transit`, … */
    seal: line,
    /** `vault.seal` of the settings, if no shares unseal it: without it nobody can open the snapshot. */
    sealSettings: z.record(z.string(), z.unknown()).exactOptional(),
    /** How many shares there are, and how many of them unseal. */
    shares: z.int(),
    threshold: z.int(),
    /** Of the shares: counts up with each rekey. Missing if that is not known. */
    generation: z.int().min(1).exactOptional(),
  }),
  /** `secret/openrouter` as the reader read it. */
  secret: z.strictObject({ version: z.int(), created: line, fingerprint: line }).exactOptional(),
  /** SHA-256 of what was declared, but for what is the host's own. */
  declaration: line,
  withShares: z.boolean(),
});
export type Manifest = z.output<typeof manifest>;

/** The only format that this version writes and reads. */
export const backupVersion = 2;

/** The members that a backup has; of the shares one at most, by how they are encrypted. */
export const memberNames = {
  manifest: "manifest.json",
  sharesByAge: "shares.age",
  sharesByPgp: "shares.asc",
  /** Vault's own snapshot. */
  snapshot: "vault.snap",
  /** The last one: if it is missing, the file was interrupted. */
  sums: "SHA256SUMS",
} as const;

/** The most that each of them may hold, in bytes. */
export const memberLimits: Readonly<Record<string, number>> = {
  [memberNames.manifest]: 64 * 1024,
  [memberNames.sharesByAge]: 64 * 1024,
  [memberNames.sharesByPgp]: 64 * 1024,
  [memberNames.snapshot]: 2 ** 34,
  [memberNames.sums]: 4096,
};
