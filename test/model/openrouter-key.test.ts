import { createHash } from "node:crypto";
import { inspectKey, keyFingerprint, keyPreview, keyVersion } from "../../lib/model/openrouter-key";

const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;

test("takes a key as OpenRouter gives it", () => {
  expect(inspectKey(key)).toEqual({ key });
});

test.each([
  ["", "is empty"],
  [" \n", "is empty"],
  [`${key}\n`, "has a line break around it"],
  [`\r\n${key}`, "has a line break around it"],
  [`${key.slice(0, 40)}\n${key.slice(40)}`, "has a line break inside"],
  [` ${key}`, "has a blank around it"],
  [`${key}\t`, "has a blank around it"],
  [`${key.slice(0, 40)} ${key.slice(40)}`, "has a blank inside"],
  [`\u00a0${key}`, "has a blank around it"],
  [`"${key}"`, "has a quote around it"],
  [`'${key}'`, "has a quote around it"],
  [`“${key}”`, "has a quote around it"],
  [`Bearer:${key}`, "does not begin with sk-or-v1-"],
  ["sk-ant-REDACTED", "does not begin with sk-or-v1-"],
  [key.toUpperCase(), "does not begin with sk-or-v1-"],
  ["sk-or-v1-…", "is shortened"],
  ["sk-or-v1-abc...123", "is shortened"],
  ["sk-or-v1-", "is not of the form"],
  ["sk-or-v1-0123456789", "is not of the form"],
  [`${key}%`, "is not of the form"],
  [`${key}é`, "is not of the form"],
  [`${key}\u200b`, "is not of the form"],
])("refuses %j", (raw, reason) => {
  const result = inspectKey(raw);
  expect(result).toEqual({ reason: expect.stringContaining(reason) });
  expect(JSON.stringify(result)).not.toContain("01234567");
});

test("shows at most the first twelve characters, and never most of a short secret", () => {
  expect(keyPreview(key)).toBe("sk-or-v1-012");
  expect(keyPreview("hunter2")).toBe("hun");
  expect(keyPreview("")).toBe("");
});

test("the fingerprint tells keys apart and holds nothing of them", () => {
  expect(keyFingerprint(key)).toMatch(/^[0-9a-f]{16}$/);
  expect(keyFingerprint(key)).not.toBe(keyFingerprint(`${key}0`));
});

test("the version is made of generation and key, and is an exact integer", () => {
  const digits = createHash("sha256").update(`0:${key}`).digest("hex").slice(0, 12);
  expect(keyVersion(key, 0)).toBe(Number(`0x${digits}`));
  expect(Number.isSafeInteger(keyVersion(key, 0))).toBe(true);
  expect(keyVersion(key, 1)).not.toBe(keyVersion(key, 0));
  for (const none of ["", undefined as unknown as string])
    expect(() => keyVersion(none, 0)).toThrow("The OpenRouter key is empty");
  expect(keyVersion(`${key}0`, 0)).not.toBe(keyVersion(key, 0));
});
