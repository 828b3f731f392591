import { attempt } from "../../core/attempt";
import { wrongUsage } from "../../core/errors";
import type { KeyShares } from "./shares-file";

/** Base64 of 16 bytes or more, or hexadecimal digits: the two forms in which Vault prints a share. */
const share = /^([0-9a-f]{34,}|[A-Za-z0-9+/]{22,}={0,2})$/;

/**
 * Reads shares as people keep them: one a line, bare or as `vault operator init` prints them (`Unseal Key 1: …`), or the
 * instance's own shares.json. No message shows a share.
 * @param texts the texts that people gave, such as one file each
 * @param threshold the number of shares that are needed
 * @param source the origin of the shares, for the message
 */
export function parseShares(texts: readonly string[], threshold: number, source: string): KeyShares {
  const shares = [...new Set(texts.flatMap((text) => sharesOfJson(text) ?? sharesOfLines(text)))];
  if (shares.length < threshold || !shares.every((each) => share.test(each))) {
    throw wrongUsage({
      problem: `${source} does not give ${threshold} different unseal key shares.`,
      got: `${shares.filter((each) => share.test(each)).length} of the form of a share`,
      expected: "a share a line, in base64 or hexadecimal digits; or the instance's shares.json",
    });
  }
  return { shares, threshold };
}

function sharesOfJson(text: string): string[] | undefined {
  const shares = attempt(() => (JSON.parse(text) as { shares?: unknown }).shares);
  return Array.isArray(shares) ? shares.map(String) : undefined;
}

function sharesOfLines(text: string): string[] {
  return text
    .split(/\r?\n/)
    .filter((line) => line.trim() !== "" && !/^\s*(#|Initial Root Token)/.test(line))
    .map((line) => line.replace(/^.*:/, "").trim());
}
