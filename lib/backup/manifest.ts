import { z } from "zod";

/** What a backup says of itself: its first member, and no secret. */
export const manifest = z.object({
  format: z.literal("openclaw-openrouter backup"),
  /** Of the format: a program takes those that it knows. */
  version: z.int().min(1),
  /** The program that made it, and its version. */
  program: z.string(),
  instance: z.string(),
  instanceId: z.uuid(),
  created: z.iso.datetime(),
  vault: z.object({
    /** Such as `1.21.2`. */
    version: z.string(),
    clusterId: z.string(),
    /** As Vault names it: `shamir`, `transit`, … */
    seal: z.string(),
    /** How many shares there are, and how many of them unseal. */
    shares: z.int(),
    threshold: z.int(),
    /** Of the shares: counts up with each rekey. Missing where that is not known. */
    generation: z.int().exactOptional(),
  }),
  /** `secret/openrouter` as the reader read it. */
  secret: z.object({ version: z.int(), created: z.string(), fingerprint: z.string() }).exactOptional(),
  /** SHA-256 of what was declared, but for what is the host's own. */
  declaration: z.string(),
  withShares: z.boolean(),
});
export type Manifest = z.output<typeof manifest>;

/** The format that this version writes, and the newest that it reads. */
export const backupVersion = 1;

/** Names of the members that every backup has. */
export const memberNames = {
  manifest: "manifest.json",
  /** Vault's own snapshot. */
  snapshot: "vault.snap",
  /** The last one: where it is missing, the file was cut off. */
  sums: "SHA256SUMS",
} as const;
