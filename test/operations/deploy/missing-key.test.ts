import { missingKey } from "../../../lib/operations/deploy/missing-key";
import { canary, describeInstance } from "../../support/deployment";

const vault = { address: "http://127.0.0.1:8200", container: "vault" };
const stored = {
  key: undefined,
  version: 1,
  created: "2026-11-23T10:00:00Z",
  ends: "",
  otherFields: ["key", "note"],
};

test("a secret with its key in another field is reported before a key is asked for", async () => {
  const said: string[] = [];
  const context = { deployment: describeInstance({ vault }), say: (line: string) => said.push(line) };
  const askKey = async () => {
    said.push("asked");
    return canary;
  };
  expect(await missingKey(context, stored, { askKey })).toBe(canary);
  expect(said).toEqual([
    expect.stringMatching(/secret\/openrouter has no key in .*api_key.*: key, note$/),
    "asked",
  ]);
  expect(await missingKey(context, undefined, { askKey })).toBe(canary);
  expect(said.slice(2)).toEqual(["asked"]);
});
