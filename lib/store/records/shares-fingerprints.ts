import { createHmac, randomBytes } from "node:crypto";
import { z } from "zod";
import type { HomePaths } from "../../model/home-paths";
import { defineRecord } from "./record";

/** The length of a fingerprint in hexadecimal digits. */
const digits = 16;

/**
 * What recognises the shares on this host. Vault has accepted them. It exists only as long as they are on this host, and is in
 * no backup: a part of a share could be completed with it.
 */
const schema = z.object({
  generation: z.int().min(1),
  threshold: z.int().min(1),
  /** The key of the fingerprints, by chance: equal shares have other fingerprints in another record. */
  key: z.string().regex(/^[0-9a-f]{64}$/),
  fingerprints: z.array(z.string().length(digits)),
});
type SharesFingerprints = z.output<typeof schema>;
export const sharesFingerprints = defineRecord("sharesFingerprints", schema);

interface KnownShares {
  readonly shares: readonly string[];
  readonly threshold: number;
  readonly generation: number;
}

/** Records shares that are on this host and that Vault has made or accepted. */
export function rememberShares(home: HomePaths, { shares, threshold, generation }: KnownShares): void {
  const known = sharesFingerprints.read(home);
  const isKnown =
    known?.generation === generation &&
    known.threshold === threshold &&
    known.fingerprints.length === shares.length &&
    countKnown(known, shares) === shares.length;
  if (isKnown) return;
  const key = randomBytes(32).toString("hex");
  const fingerprints = shares.map((share) => fingerprint(key, share));
  sharesFingerprints.write(home, { generation, threshold, key, fingerprints });
}

/** How many of these shares are among the recorded ones. */
export function countKnown({ key, fingerprints }: SharesFingerprints, shares: readonly string[]): number {
  return new Set(shares.map((share) => fingerprint(key, share)).filter((each) => fingerprints.includes(each)))
    .size;
}

function fingerprint(key: string, share: string): string {
  const bytes = Buffer.from(share, /^[0-9a-f]+$/.test(share) ? "hex" : "base64");
  return createHmac("sha256", Buffer.from(key, "hex")).update(bytes).digest("hex").slice(0, digits);
}
