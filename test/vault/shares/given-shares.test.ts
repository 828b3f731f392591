import { randomBytes } from "node:crypto";
import { parseShares } from "../../../lib/vault/shares/given-shares";

const base64 = Array.from({ length: 5 }, () => randomBytes(33).toString("base64"));
const hex = base64.map((share) => Buffer.from(share, "base64").toString("hex"));

test.each([
  ["a line each", base64.join("\n"), base64],
  ["with Windows line ends and blanks", `${base64.join(" \r\n")}\r\n\r\n`, base64],
  ["in hexadecimal digits", hex.join("\n"), hex],
  [
    "as vault operator init prints them",
    `${base64.map((share, n) => `Unseal Key ${n + 1}: ${share}`).join("\n")}\n\nInitial Root Token: hvs.secret\n`,
    base64,
  ],
  ["as the instance's shares.json", JSON.stringify({ shares: base64, threshold: 3, generation: 1 }), base64],
])("shares are taken %s", (_, text, shares) => {
  expect(parseShares([text], 3, "F")).toEqual({ shares, threshold: 3 });
});

test.each([
  ["too few", base64.slice(0, 2).join("\n")],
  ["one of them thrice", [base64[0], base64[0], base64[0]].join("\n")],
  ["something else among them", [...base64.slice(0, 3), "not a share!"].join("\n")],
  ["nothing", ""],
])("%s are refused without being shown", (_, text) => {
  expect(() => parseShares([text], 3, "F")).toThrow("F does not give 3 different unseal key shares.");
  try {
    parseShares([text], 3, "F");
  } catch (error) {
    for (const share of base64) expect(String(error)).not.toContain(share.slice(0, 12));
  }
});
