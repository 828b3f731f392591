import { dirname, join } from "node:path";
import { childEnvironment } from "../../../lib/core/system/environment";

const names = (environment: Record<string, string>) => Object.keys(environment).sort();

test.each([
  "DOCKER_HOST",
  "DOCKER_CONTEXT",
  "DOCKER_TLS_VERIFY",
  "DOCKER_CERT_PATH",
  "VAULT_ADDR",
  "VAULT_TOKEN",
  "TERRAFORM_VAULT_LOG_BODY",
  "TF_VAR_openrouter_api_key",
  "TF_CLI_ARGS",
  "TF_DATA_DIR",
  "OPENROUTER_API_KEY",
])("%s of the caller reaches no child, with secrets or without", (name) => {
  expect(childEnvironment({}, { [name]: "x" })).not.toHaveProperty(name);
  expect(childEnvironment({}, { [name]: "x" }, { secrets: true })).not.toHaveProperty(name);
});

test.each([
  "TF_CLI_CONFIG_FILE",
  "TF_LOG",
  "TF_REGISTRY_CLIENT_TIMEOUT",
  "HTTPS_PROXY",
  "DOCKER_CONFIG",
  "LANG",
])("%s of the caller stays", (name) => {
  expect(childEnvironment({}, { [name]: "x" })).toHaveProperty(name, "x");
});

test.each([
  "AWS_SECRET_ACCESS_KEY",
  "AWS_ACCESS_KEY_ID",
  "GITHUB_TOKEN",
  "NPM_TOKEN",
  "PGPASSWORD",
  "PG_CONN_STR",
  "SOME_API_KEY",
  "apikey",
  "GPG_PASSPHRASE",
  "TF_TOKEN_app_terraform_io",
])("%s is a secret: only a child that needs it gets it", (name) => {
  expect(childEnvironment({}, { [name]: "x" })).not.toHaveProperty(name);
  expect(childEnvironment({}, { [name]: "x" }, { secrets: true })).toHaveProperty(name, "x");
});

test.each(["KEYBOARD", "TOKENIZER_PATH", "MONKEY", "SSH_AUTH_SOCK"])("%s is none", (name) => {
  expect(childEnvironment({}, { [name]: "x" })).toHaveProperty(name, "x");
});

test("what is given goes first, whatever it is called; what is given as undefined changes nothing", () => {
  const from = { VAULT_TOKEN: "theirs", LANG: "C", HOME: undefined };
  const environment = childEnvironment({ VAULT_TOKEN: "ours", LANG: undefined, A: "b" }, from);
  expect(environment).toMatchObject({ VAULT_TOKEN: "ours", LANG: "C", A: "b" });
  expect(names(environment)).toEqual(["A", "LANG", "NODE_DISABLE_COMPILE_CACHE", "PATH", "VAULT_TOKEN"]);
});

test("npm, and any other program of Node, loads no compiled code from a folder that other users can make", () => {
  const environment = childEnvironment({}, { NODE_COMPILE_CACHE: "/tmp/theirs" }, { secrets: true });
  expect(environment).toHaveProperty("NODE_DISABLE_COMPILE_CACHE", "1");
});

test("this program's Node comes first on PATH, before the caller's or the usual folders", () => {
  const node = dirname(process.execPath);
  expect(childEnvironment({}, { PATH: "/theirs" }).PATH).toBe(`${node}:/theirs`);
  expect(childEnvironment({}, {}).PATH).toBe(`${node}:/usr/local/bin:/usr/bin:/bin`);
});

test.each([
  "OPENCLAW_OPENROUTER_HOME",
  "OPENCLAW_OPENROUTER_CACHE",
  "OPENCLAW_OPENROUTER_PUBLIC",
  "TF_LOG_PATH",
  "TF_PLUGIN_CACHE_DIR",
])("%s is an absolute path, since the child may run in another folder", (name) => {
  const environment = childEnvironment({}, { [name]: "here" });
  expect(environment).toHaveProperty(name, join(process.cwd(), "here"));
  expect(childEnvironment({}, { [name]: "" })).toHaveProperty(name, "");
});
