import { credentialOption } from "./credential-option";
import type { Path, Place, SettingsSource } from "./source";

/** A secret in a place where none is allowed. No field holds the secret. */
export interface FoundSecret {
  /** Undefined if it is in a comment or in another place without an option. */
  readonly path?: Path;
  readonly offset?: number;
  readonly kind: string;
  /** The right place for it: a sentence without its full stop. */
  readonly fix: string;
}

interface Shape {
  readonly kind: string;
  readonly pattern: RegExp;
  readonly fix: string;
}

const openRouterKey =
  "Give the key at the hidden prompt, by `--key-file FILE` or `--key-stdin`; in CI by OPENROUTER_API_KEY in the environment";
const vaultToken =
  "Remove it: bootstrap creates the identities in Vault and stores their credentials in the instance directory";
const aws = "Give it by AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY in the environment, or AWS_PROFILE";

/** Random text: letters of both cases and digits. Paths, hex digests and words do not match. */
const random =
  "(?=[A-Za-z0-9/+]*[a-z])(?=[A-Za-z0-9/+]*[A-Z])(?=[A-Za-z0-9/+]*[0-9])(?![0-9a-fA-F]+(?![A-Za-z0-9/+]))";
const base64 = (length: number) =>
  `(?<![A-Za-z0-9/+=])${random}[A-Za-z0-9+][A-Za-z0-9/+]{${length - 1}}(?![A-Za-z0-9/+=])`;

const shapes: readonly Shape[] = [
  { kind: "an OpenRouter key", pattern: /sk-or-[\w-]{6,}/g, fix: openRouterKey },
  { kind: "a Vault token", pattern: /\bhv[sbr]\.[\w-]{6,}/g, fix: vaultToken },
  { kind: "a Vault token", pattern: /(?<![\w.-])[sbr]\.[A-Za-z0-9]{24,}/g, fix: vaultToken },
  {
    kind: "a private key",
    pattern: /-----BEGIN [A-Z0-9 ]*PRIVATE KEY-----/g,
    fix: "Store it in its own file of mode 0600",
  },
  { kind: "an AWS access key", pattern: /\b(AKIA|ASIA)[A-Z0-9]{16}\b/g, fix: aws },
  { kind: "an AWS secret key", pattern: new RegExp(base64(40), "g"), fix: aws },
  {
    kind: "an unseal key share",
    pattern: new RegExp(base64(44), "g"),
    fix: "Store shares in a password manager, with a co-admin, in a safe",
  },
  {
    kind: "a URL with a password",
    pattern: /\b[a-z][a-z0-9+.-]{0,30}:\/\/[^\s/:@"']*:[^\s/@"']+@/gi,
    fix: "Give the password by the environment variable that the server's client reads",
  },
];

/** Names of options that hold a secret, by their last word: `api_key`, `vaultToken`, `PASSWORD`, but not `maxTokens`. */
const secretName = /(^|[_-])(api_?key|key|token|secret|passw(or)?d|passphrase|pwd|credentials?)$/i;

/** In the libpq form (`host=… password=…`) and as a URL's query. */
const passwordInConnection = /\b(ssl)?password\s*=/i;

const backendRemedies: Readonly<Record<string, string>> = {
  pg: "PGPASSWORD (or the whole connection as PG_CONN_STR) in the environment",
  s3: "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY and AWS_SESSION_TOKEN in the environment, or AWS_PROFILE",
  gcs: "GOOGLE_APPLICATION_CREDENTIALS or GOOGLE_ENCRYPTION_KEY in the environment",
  azurerm: "ARM_ACCESS_KEY, ARM_SAS_TOKEN or ARM_CLIENT_SECRET in the environment",
  http: "TF_HTTP_USERNAME and TF_HTTP_PASSWORD in the environment",
  consul: "CONSUL_HTTP_TOKEN or CONSUL_HTTP_AUTH in the environment",
  remote: "TF_TOKEN_<host> in the environment, or Terraform's own credentials file",
};

/** Replaces everything in a text that is shaped like a secret. */
export function hideSecrets(text: string): string {
  return shapes.reduce((hidden, { kind, pattern }) => hidden.replace(pattern, `(${kind}, not shown)`), text);
}

/**
 * Finds texts that look like a secret: values, names and comments by their shape, options by their name.
 * @param isOption whether a path is an option of the settings; such an option is judged by its value only
 */
export function findSecrets(
  text: string,
  source: SettingsSource,
  isOption: (path: Path) => boolean,
): FoundSecret[] {
  const found = [...inValue(source.value, [], backendTypeOf(source.value), isOption)];
  const covered = found
    .map(({ path }) => path && source.placeOf(path))
    .filter((place) => place !== undefined);
  return [...found, ...inText(text, covered)];
}

function* inValue(
  value: unknown,
  path: Path,
  backend: string,
  isOption: (path: Path) => boolean,
): Generator<FoundSecret> {
  const inBackend = path.slice(0, 3).join(".") === "terraform.backend.config" && path.length > 3;
  const name = String(path.at(-1) ?? "");
  const named = inBackend ? credentialOption.test(name) : secretName.test(snakeCase(name)) && !isOption(path);
  const backendRemedy = `Give it by ${backendRemedies[backend] ?? "the environment variable that the backend reads"}`;
  const shape = shapeOf(name) ?? (typeof value === "string" ? shapeOf(value) : undefined);

  if (shape) {
    yield { path, kind: shape.kind, fix: inBackend ? backendRemedy : shape.fix };
  } else if (inBackend && typeof value === "string" && passwordInConnection.test(value)) {
    yield { path, kind: "a connection with a password", fix: backendRemedy };
  } else if (named && isFilled(name, value)) {
    yield { path, kind: "a credential", fix: inBackend ? backendRemedy : remedyFor(name) };
  } else if (typeof value === "object" && value !== null) {
    for (const [key, child] of Object.entries(value)) {
      yield* inValue(child, [...path, Array.isArray(value) ? Number(key) : key], backend, isOption);
    }
  }
}

function* inText(text: string, covered: readonly Place[]): Generator<FoundSecret> {
  const seen = covered.map(({ name, end }) => ({ begin: name, end }));
  for (const { kind, pattern, fix } of shapes) {
    for (const match of text.matchAll(pattern)) {
      const [begin, end] = [match.index, match.index + match[0].length];
      if (seen.some((place) => place.begin < end && begin < place.end)) continue;
      seen.push({ begin, end });
      yield { offset: begin, kind, fix };
    }
  }
}

function shapeOf(text: string): Shape | undefined {
  return shapes.find(({ pattern }) => text.search(pattern) >= 0);
}

/** A number counts as a password, but not as a key: `maxToken: 16` is a misspelt option. */
function isFilled(name: string, value: unknown): boolean {
  return (
    (typeof value === "string" && value.trim() !== "") ||
    (typeof value === "number" && /pass|pwd/i.test(name))
  );
}

function remedyFor(name: string): string {
  return /vault|token/i.test(name)
    ? vaultToken
    : /pass|pwd/i.test(name)
      ? "Remove it: no option takes a password"
      : openRouterKey;
}

function snakeCase(name: string): string {
  return name.replace(/([a-z0-9])([A-Z])/g, "$1_$2");
}

function backendTypeOf(value: unknown): string {
  const type = (value as { terraform?: { backend?: { type?: unknown } } } | null)?.terraform?.backend?.type;
  return typeof type === "string" ? type : "";
}
