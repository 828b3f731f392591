import { settingsSchema } from "../../../lib/config/settings";
import { deployment } from "../../../lib/model/deployment";
import { renderArtifacts } from "../../../lib/model/openclaw/openclaw";
import { identitiesOf } from "../../../lib/model/vault/identities";
import { namesAt, prefixOf, secretApiPath } from "../../../lib/model/vault/vault-names";

const id = "3f2a91c4-0000-4000-8000-000000000000";

function inExternalVault(path: string) {
  const settings = { vault: { address: "https://vault.internal:8200" }, openrouter: { path } };
  return deployment("lab", settingsSchema.parse(settings), "/homes/lab", "/home/ada", { id });
}

test("the names in an external Vault contain the instance and its id", () => {
  expect(prefixOf("lab", id)).toBe("openclaw-lab-3f2a91c4");
  const { deployer, reader } = identitiesOf(inExternalVault("secret/openrouter/lab"));
  expect(deployer.role).toBe("openclaw-lab-3f2a91c4-deployer");
  expect(reader.policy).toContain('"secret/data/openrouter/lab"');
});

test("in a Vault of its own they are the setup guide's, whatever the instance", () => {
  const own = deployment("lab", settingsSchema.parse({}), "/homes/lab", "/home/ada", { id });
  expect(namesAt(own)).toEqual({ prefix: "openclaw", keyPath: "secret/openrouter" });
  expect(identitiesOf(own).reader.role).toBe("openclaw-reader");
});

test.each([
  ["data", "secret/openrouter", "secret/data/openrouter"],
  ["metadata", "secret/openrouter/lab/secret/x", "secret/metadata/openrouter/lab/secret/x"],
] as const)("the API's path for %s of %s", (call, path, expected) => {
  expect(secretApiPath(call, path)).toBe(expected);
});

test("OpenClaw's resolver is told of a path only if it is not the setup guide's", () => {
  const fragment = (path: string) => renderArtifacts(inExternalVault(path))["openrouter.json5"];
  expect(fragment("secret/openrouter")).not.toContain("OPENROUTER_SECRET");
  expect(fragment("secret/openrouter/lab")).toContain('"OPENROUTER_SECRET": "secret/openrouter/lab"');
});

test.each([
  ["secret/openrouter/lab", "https://vault.internal:8200", true],
  ["secret/openrouter/lab", undefined, false],
  ["secret/openrouter", undefined, true],
  ["kv/openrouter", "https://vault.internal:8200", false],
  ["secret/../sys/raw", "https://vault.internal:8200", false],
  ["secret/", "https://vault.internal:8200", false],
  ["secret/a//b", "https://vault.internal:8200", false],
])("openrouter.path %s with vault.address %s is accepted: %s", (path, address, isAccepted) => {
  const vault = address ? { address } : {};
  expect(settingsSchema.safeParse({ vault, openrouter: { path } }).success).toBe(isAccepted);
});
