import { parseSettings } from "../../lib/config/file";
import { hideSecrets } from "../../lib/config/secrets";
import { UserError } from "../../lib/core/errors";

// None of these is anybody's; each is put together here so that no scanner takes this file for a leak.
const openRouterKey = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
const awsSecretKey = `wJalrXUtnFEMI/K7MDENG+${"bPxRfiCYEXAMPLEKEY"}`;
const share = `q83vEjRWeJq83vEjRWeJ${"q83vEjRWeJq83vEjRWeJq83v"}`;
const pem = "PRIVATE KEY-----";

const refuse = (text: string, ending = "yaml") => {
  try {
    parseSettings(text, `/s.${ending}`, "default");
  } catch (error) {
    if (error instanceof UserError) return error.message;
    throw error;
  }
  return "taken";
};

test.each([
  ["an OpenRouter key", openRouterKey],
  ["a Vault token", `hvs.${"CAESIJ".repeat(6)}`],
  ["a Vault token", `s.${"Qx7".repeat(8)}`],
  ["an AWS access key", `AKIA${"IOSFODNN7EXAMPLE"}`],
  ["an AWS secret key", awsSecretKey],
  ["an unseal key share", share],
])("%s is refused in a value, a name and a comment, and not shown", (kind, secret) => {
  for (const [text, ending] of [
    [`models: { default: ${JSON.stringify(secret)} }`, "yaml"],
    [`{ "vault": { "note": ${JSON.stringify(secret)} } }`, "json"],
    [`{ "vault": { "port": ${JSON.stringify(secret)} } }`, "json"],
    [`${JSON.stringify(secret)}: x`, "yaml"],
    [`vault: {} # was ${secret}`, "yaml"],
    [`{} // was ${secret}`, "json"],
    // Text that does not parse is looked through as well.
    [`vault: x: ${secret}`, "yaml"],
    [`{ "a" ${secret}`, "json"],
    [`vault: &${secret} {}`, "yaml"],
  ] as const) {
    const message = refuse(text, ending);
    expect(message).toContain(`${kind} (not shown)`);
    expect(message).not.toContain(secret);
    expect(message).not.toContain(secret.slice(-12));
  }
});

test("a secret written with escapes is found", () => {
  const escaped = openRouterKey.replace("-or-", "\\u002dor\\u002d");
  expect(refuse(`{ "vault": { "image": "${escaped}" } }`, "json")).toContain("an OpenRouter key (not shown)");
});

test("a private key is refused", () => {
  expect(refuse(`tls: |\n  -----BEGIN EC ${pem}\n  MHcCAQEE\n`)).toContain("a private key (not shown)");
});

test("one secret is reported once, with where it belongs", () => {
  expect(refuse(`openrouter:\n  apiKey: ${openRouterKey}\n`)).toMatchInlineSnapshot(`
    "1 problem in the settings file /s.yaml; nothing was changed.
      openrouter.apiKey · line 2, column 11
        got:      an OpenRouter key (not shown)
        expected: no secret in this file
        fix:      Give the key at the hidden prompt, by \`--key-file FILE\` or \`--key-stdin\`; in CI by OPENROUTER_API_KEY in the environment.
      fix:      If others could read this file, or if it was committed, replace the secret."
  `);
});

test.each([
  "key",
  "token",
  "secret",
  "password",
  "api_key",
  "apiKey",
  "vault-token",
  "OPENROUTER_API_KEY",
  "passphrase",
])("an option named %s is refused by its name", (name) => {
  const message = refuse(`vault: { ${name}: correct-horse }`);
  expect(message).toContain(`vault.${name} · line 1`);
  expect(message).toContain("a credential (not shown)");
  expect(message).not.toContain("horse");
});

test.each([
  ["pg", "password: pw-42", "PGPASSWORD"],
  ["pg", "conn_str: postgres://u:pw-42@db/state", "PGPASSWORD"],
  ["pg", 'conn_str: "host=db password=pw-42"', "PGPASSWORD"],
  ["pg", "conn_str: postgres://db/state?password=pw-42", "PGPASSWORD"],
  ["s3", "access_key: pw-42", "AWS_ACCESS_KEY_ID"],
  ["s3", "secret_key: pw-42", "AWS_ACCESS_KEY_ID"],
  ["s3", "assume_role_with_web_identity: { web_identity_token: pw-42 }", "AWS_ACCESS_KEY_ID"],
  ["gcs", "credentials: pw-42", "GOOGLE_APPLICATION_CREDENTIALS"],
  ["azurerm", "client_secret: pw-42", "ARM_CLIENT_SECRET"],
  ["http", "password: 4242", "TF_HTTP_PASSWORD"],
  ["consul", "access_token: pw-42", "CONSUL_HTTP_TOKEN"],
  ["remote", "token: pw-42", "TF_TOKEN_"],
])("the backend %s refuses %s and names the environment", (type, option, fix) => {
  const message = refuse(`terraform: { backend: { type: ${type}, config: { ${option} } } }`);
  expect(message).toContain("terraform.backend.config.");
  expect(message).toContain("(not shown)");
  expect(message).toContain(fix);
  expect(message).not.toMatch(/42/);
});

test.each([
  [
    "s3",
    "bucket: b, key: 'env/{stack}.tfstate', kms_key_id: k, workspace_key_prefix: w, shared_credentials_files: [/f], profile: p",
  ],
  ["pg", "conn_str: postgres://openclaw@db/state?sslmode=require, schema_name: '{stack}'"],
  ["gcs", "bucket: b, prefix: '{stack}', kms_encryption_key: projects/p/locations/l/keyRings/r/cryptoKeys/k"],
  [
    "azurerm",
    "key: '{stack}.tfstate', client_secret_file_path: /run/secret, oidc_token_file_path: /run/token",
  ],
  ["http", "address: 'https://state.example/{stack}', username: openclaw"],
  ["remote", "hostname: tf.example, workspaces: { name: 'openclaw-{stack}' }"],
])("the backend %s takes options that are no credentials", (type, options) => {
  expect(refuse(`terraform: { backend: { type: ${type}, config: { ${options} } } }`)).toBe("taken");
});

test.each([
  ["openclaw: { folder: /srv/OpenClaw1/environments/production/state2 }"],
  ["vault: { image: registry.example/vault@sha256:0123456789abcdef0123456789abcdef01234567 }"],
  ["# the key (sk-or-v1-…) goes by OPENROUTER_API_KEY, never by sk-or-v1-... in here"],
  ["# see hvs.… and s.… in Vault's manual"],
])("%s holds no secret", (text) => {
  expect(refuse(text)).toBe("taken");
});

test("hideSecrets hides each secret of a text and nothing else", () => {
  expect(hideSecrets(`a ${openRouterKey} b ${awsSecretKey}, c`)).toBe(
    "a (an OpenRouter key, not shown) b (an AWS secret key, not shown), c",
  );
});
