import { dirname, resolve } from "node:path";
import { defined } from "../defined";

/** Removed from every child's environment: each silently changes the server that the child uses, or makes it log secrets. */
const foreign = [
  /^DOCKER_(CONTEXT|HOST|TLS.*|CERT_PATH|API_VERSION|DEFAULT_PLATFORM)$/,
  /^VAULT_/,
  // TERRAFORM_VAULT_LOG_BODY makes the provider log the key.
  /^TERRAFORM_VAULT_/,
  /^TF_/,
  /^OPENROUTER_/,
];

/** The user's Terraform variables that a child gets: the source of providers, logging, a backend's credentials. */
const kept =
  /^(TF_CLI_CONFIG_FILE|TF_PLUGIN_CACHE_DIR|TF_LOG|TF_LOG_PATH|TF_LOG_CORE|TF_LOG_PROVIDER|TF_REGISTRY_.*|TF_HTTP_.*|TF_TOKEN_.*)$/;

/** Variables with a path, by which a child that runs in another folder must find the same: this program's own, and Terraform's. */
const place = /^(OPENCLAW_OPENROUTER_(HOME|CACHE|PUBLIC)|TF_LOG_PATH|TF_PLUGIN_CACHE_DIR)$/;

/** Names of variables that hold a secret: a backend's credential, a token of npm or of a CI system. */
const secret =
  /(^|_)(API_?KEY|ACCESS_KEY(_ID)?|PRIVATE_KEY|KEY_PEM|SECRET(_KEY)?|TOKEN|PASSW(OR)?D|PASSPHRASE|CREDENTIALS?|SAS_TOKEN)(_|$)|^(PG_CONN_STR|PGPASSWORD|CONSUL_HTTP_AUTH|TF_TOKEN_.*)$/i;

/**
 * The environment of a child process: the caller's, without secrets and without variables that redirect the child, plus
 * `extra`. Node's own folder comes first on PATH, so that a child that is a Node program runs on the same Node; these paths are
 * absolute: {@link place}. It has Node load no compiled code: npm keeps that in the temporary folder, whose other users could make
 * this folder before it does, with code of their own.
 */
export function childEnvironment(
  extra: Readonly<Record<string, string | undefined>> = {},
  from: NodeJS.ProcessEnv = process.env,
  /** Keeps secrets, for a child that reads its credentials from it: Terraform for its backend, npm, a user's command. */
  { secrets = false }: { readonly secrets?: boolean } = {},
): Record<string, string> {
  const given = defined(extra);
  const environment: Record<string, string> = {};
  for (const [name, value] of Object.entries({ ...from, ...given })) {
    if (value === undefined) continue;
    if (!(name in given) && isLeftOut(name, secrets)) continue;
    environment[name] = value && place.test(name) ? resolve(value) : value;
  }
  environment.NODE_DISABLE_COMPILE_CACHE = "1";
  environment.PATH = `${dirname(process.execPath)}:${environment.PATH ?? "/usr/local/bin:/usr/bin:/bin"}`;
  return environment;
}

function isLeftOut(name: string, secrets: boolean): boolean {
  if (!secrets && secret.test(name)) return true;
  return !kept.test(name) && foreign.some((pattern) => pattern.test(name));
}
