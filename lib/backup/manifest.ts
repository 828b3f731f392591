import { z } from "zod";
import { isValidName } from "../model/instance-name";

/** A line shown to a person: at most 200 characters, and no control characters. */
const line = z
  .string()
  .max(200)
  .regex(/^[\x20-\x7e]*$/);

/**
 * A backup's description of itself, without secrets. Anybody can have written the one outside of Vault's snapshot: it is only
 * shown, and nothing depends on it. The snapshot contains the same manifest.
 */
export const manifest = z.strictObject({
  format: z.literal("openclaw-openrouter backup"),
  /** The version of the format. A program reads only its own. */
  version: z.int().min(1),
  /** The program that created the backup, and its version. */
  program: line,
  instance: z.string().refine(isValidName),
  instanceId: z.uuid(),
  created: z.iso.datetime(),
  vault: z.strictObject({
    /** Such as `1.21.2`. */
    version: line.regex(/^\d+\.\d+\.\d+/),
    clusterId: line,
    /** Vault's name of the seal: `shamir`, `transit`, … */
    seal: line,
    /** `vault.seal` of the settings, if a service unseals Vault. Without it, nobody can open the snapshot. */
    sealSettings: z.record(z.string(), z.unknown()).exactOptional(),
    /** The number of shares, and the threshold that unseals. */
    shares: z.int(),
    threshold: z.int(),
    /** The generation of the shares, which each rekey increments. Missing if it is not known. */
    generation: z.int().min(1).exactOptional(),
  }),
  /** `secret/openrouter` as the reader read it. */
  secret: z.strictObject({ version: z.int(), created: line, fingerprint: line }).exactOptional(),
  /** The SHA-256 of the declaration, without the host's own values. */
  declaration: line,
  withShares: z.boolean(),
});
export type Manifest = z.output<typeof manifest>;

/** The only format that this version writes and reads. */
export const backupVersion = 2;

/** The members of a backup. At most one of the two members with shares is present. */
export const memberNames = {
  manifest: "manifest.json",
  sharesByAge: "shares.age",
  sharesByPgp: "shares.asc",
  /** Vault's own snapshot. */
  snapshot: "vault.snap",
  /** The last member. If it is missing, the file is incomplete. */
  sums: "SHA256SUMS",
} as const;

/** The maximum size of each member, in bytes. */
export const memberLimits: Readonly<Record<string, number>> = {
  [memberNames.manifest]: 64 * 1024,
  [memberNames.sharesByAge]: 64 * 1024,
  [memberNames.sharesByPgp]: 64 * 1024,
  [memberNames.snapshot]: 2 ** 34,
  [memberNames.sums]: 4096,
};
