import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { settingsSchema } from "../../../lib/config/settings";
import { disabledSealConfig, sealOf, serverCommand } from "../../../lib/model/vault/seal";
import { readSealFiles } from "../../../lib/vault/container/place-seal";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const file = (name: string, content: string) => {
  const path = join(folder, name);
  writeFileSync(path, content);
  return path;
};
const token = file("token", "hvs.a-token\n");
const ca = file("ca.pem", "-----BEGIN CERTIFICATE-----");
const credentials = file("credentials", "[vault]\naws_secret_access_key = s3cret\n");

/** The configuration that Vault reads, and the other files of its volume. */
function placed(seal: object) {
  const declared = sealOf(settingsSchema.parse({ vault: { seal } }).vault.seal)!;
  const files = readSealFiles(declared);
  expect(JSON.stringify(declared)).not.toMatch(/a-token|s3cret/);
  expect(files.map(({ name, mode }) => [name, mode]).filter(([, mode]) => mode !== 0o600)).toEqual([
    ["seal/", 0o700],
  ]);
  const config = files.at(-1)!;
  expect(config.name).toBe("seal/seal.json");
  return {
    seal: JSON.parse(config.content).seal[0],
    others: Object.fromEntries(files.slice(1, -1).map(({ name, content }) => [name, content])),
  };
}

test("people's shares need no configuration, and the server's command has none", () => {
  expect(sealOf(settingsSchema.parse({}).vault.seal)).toBeUndefined();
  expect(serverCommand(undefined)).toEqual(["server"]);
  expect(serverCommand({})).toEqual(["server", "-config=/home/vault/seal/seal.json"]);
});

test("transit", () => {
  const transit = {
    address: "https://kms.example.org:8200",
    tokenFile: token,
    namespace: "seals",
    caFile: ca,
  };
  expect(placed({ type: "transit", transit })).toEqual({
    seal: {
      transit: {
        address: "https://kms.example.org:8200",
        key_name: "autounseal",
        mount_path: "transit/",
        namespace: "seals",
        token: "hvs.a-token",
        tls_ca_cert: "/home/vault/seal/tls_ca_cert",
      },
    },
    others: { "seal/tls_ca_cert": "-----BEGIN CERTIFICATE-----" },
  });
});

test("awskms", () => {
  const awskms = { region: "eu-west-3", keyId: "alias/vault" };
  expect(placed({ type: "awskms", awskms })).toEqual({
    seal: { awskms: { region: "eu-west-3", kms_key_id: "alias/vault" } },
    others: {},
  });
  const named = { ...awskms, credentialsFile: credentials, profile: "vault", endpoint: "https://kms.local" };
  expect(placed({ type: "awskms", awskms: named })).toEqual({
    seal: {
      awskms: {
        region: "eu-west-3",
        kms_key_id: "alias/vault",
        endpoint: "https://kms.local",
        shared_creds_filename: "/home/vault/seal/shared_creds_filename",
        shared_creds_profile: "vault",
      },
    },
    others: { "seal/shared_creds_filename": "[vault]\naws_secret_access_key = s3cret\n" },
  });
});

test("azurekeyvault", () => {
  const azurekeyvault = {
    ...{ tenantId: "a-tenant", vaultName: "hc-vault", keyName: "unseal", clientId: "a-client" },
    clientSecretFile: token,
  };
  expect(placed({ type: "azurekeyvault", azurekeyvault })).toEqual({
    seal: {
      azurekeyvault: {
        tenant_id: "a-tenant",
        vault_name: "hc-vault",
        key_name: "unseal",
        client_id: "a-client",
        client_secret: "hvs.a-token",
      },
    },
    others: {},
  });
});

test("gcpckms", () => {
  const gcpckms = { project: "p", region: "europe-west1", keyRing: "vault", cryptoKey: "unseal" };
  expect(placed({ type: "gcpckms", gcpckms: { ...gcpckms, credentialsFile: credentials } })).toEqual({
    seal: {
      gcpckms: {
        project: "p",
        region: "europe-west1",
        key_ring: "vault",
        crypto_key: "unseal",
        credentials: "/home/vault/seal/credentials",
      },
    },
    others: { "seal/credentials": expect.stringContaining("s3cret") },
  });
});

test("switched off, all else of it stays", () => {
  const config = JSON.stringify({ seal: [{ transit: { address: "https://a", token: "t" } }] });
  expect(JSON.parse(disabledSealConfig(config))).toEqual({
    seal: [{ transit: { address: "https://a", token: "t", disabled: "true" } }],
  });
});

test.each<[string, string, RegExp]>([
  ["no file", join(folder, "none"), /none cannot be read/],
  ["an empty one", file("empty", "\n"), /does not hold one secret/],
  ["two words", file("two", "a b"), /does not hold one secret/],
])(
  "a token's file that would not work is reported before anything is changed: %s",
  (_, tokenFile, problem) => {
    const transit = { address: "https://kms.example.org", tokenFile };
    expect(() => placed({ type: "transit", transit })).toThrow(problem);
  },
);

test.each<[string, object]>([
  [
    "options of another type",
    { type: "shamir", gcpckms: { project: "p", region: "r", keyRing: "k", cryptoKey: "c" } },
  ],
  ["a type without its options", { type: "awskms" }],
  [
    "an address that leaves this machine in the clear",
    { type: "transit", transit: { address: "http://kms.example.org", tokenFile: "/t" } },
  ],
  [
    "a client without its secret",
    { type: "azurekeyvault", azurekeyvault: { tenantId: "t", vaultName: "v", keyName: "k", clientId: "c" } },
  ],
  ["a token in the settings", { type: "transit", transit: { address: "https://a", token: "hvs.x" } }],
])("settings are refused with %s", (_, seal) => {
  expect(settingsSchema.safeParse({ vault: { seal } }).success).toBe(false);
});

test.each(["http://10.0.0.5:8200", "http://provider:8200", "http://127.0.0.1@kms.example"])(
  "credentials are not placed for a service at %s, whoever declared it",
  (address) => {
    const seal = { type: "transit" as const, options: { address }, secrets: { token }, files: {} };
    expect(() => readSealFiles(seal)).toThrow("would leave this host unencrypted");
  },
);
