import type { Gain } from "../../model/vault/access";
import { secretApiPath } from "../../model/vault/vault-names";
import type { AuthMethod } from "./answers";

interface Paths {
  /** A path of this kind. Rules with wildcards are filled from it. */
  readonly sample: string;
  /** The paths of this kind. @default the sample alone */
  readonly pattern?: RegExp;
}

/** Calls of Vault by which somebody gains something. */
export interface GuardedPath extends Paths {
  /** Each of these capabilities is enough. */
  readonly anyOf: readonly string[];
  /** Whether Vault requires `sudo` as well. @default false */
  readonly sudo?: true;
  readonly gain: Gain;
  /** What it permits, such as "read the key". */
  readonly permits: string;
}

const write = ["create", "update", "patch"];
const writeOrDelete = [...write, "delete"];

/**
 * @param path the secret with the key, such as `secret/openrouter`
 * @param key what it is called, such as "the key"
 */
function keyPaths(path: string, key: string): readonly GuardedPath[] {
  const [data, metadata] = [secretApiPath("data", path), secretApiPath("metadata", path)];
  const writes = (sample: string, permits: string): GuardedPath => ({
    ...{ sample, permits, anyOf: write, gain: "write" },
  });
  return [
    { sample: data, anyOf: ["read"], gain: "read", permits: `read ${key}` },
    writes(data, `replace ${key}`),
    { sample: data, anyOf: ["delete"], gain: "write", permits: `delete ${key}` },
    { sample: metadata, anyOf: writeOrDelete, gain: "write", permits: `delete ${key} or its versions` },
    writes(secretApiPath("delete", path), `delete ${key}`),
    writes(secretApiPath("undelete", path), `restore an earlier version of ${key}`),
    writes(secretApiPath("destroy", path), `destroy ${key}`),
  ];
}

/** What a host's own policy permits. See `hostNames`. */
export function readsKeyOf(host: string): string {
  return `read the key of the host ${host}`;
}

const identities: readonly GuardedPath[] = [
  ...["entity", "group", "entity-alias", "group-alias", "alias", "persona"].flatMap((kind) => [
    `identity/${kind}`,
    below(`identity/${kind}/id`),
  ]),
  below("identity/entity/name"),
  below("identity/group/name"),
  "identity/entity/merge",
].map((paths) => guard(paths, write, "give policies to entities and groups"));

const system: readonly GuardedPath[] = [
  raw(["read"], "read", "read Vault's storage"),
  raw(writeOrDelete, "guard", "change Vault's storage"),
  asRoot("auth/token/create", write, "create tokens with any policy"),
  asRoot("auth/token/create-orphan", write, "create tokens with any policy"),
  asRoot("sys/remount", write, "move the key's mount to another path"),
  asRoot(under("sys/auth"), writeOrDelete, "change auth methods"),
  asRoot(under("sys/audit"), writeOrDelete, "change audit devices"),
  asRoot(under("sys/config/auditing/request-headers"), writeOrDelete, "write tokens into the audit log"),
  asRoot("sys/config/cors", writeOrDelete, "open Vault's API to web pages"),
  {
    ...asRoot("sys/plugins/catalog/auth/x", write, "run other programs in Vault"),
    pattern: /^sys\/plugins\/(runtimes\/)?catalog\/.+$/,
  },
  guard("sys/mounts/secret", writeOrDelete, "change the key's mount"),
  guard("sys/mounts/secret/tune", write, "write keys into the audit log"),
  {
    ...guard("sys/mounts/auth/x/tune", write, "change auth methods"),
    pattern: /^sys\/mounts\/auth\/.+\/tune$/,
  },
  guard("sys/storage/raft/snapshot", write, "replace all of Vault's data"),
  guard("sys/storage/raft/snapshot-force", write, "replace all of Vault's data"),
  guard("sys/config/group-policy-application", write, "give policies to groups"),
  { ...guard("sys/sync/destinations/x/x", write, "copy secrets elsewhere"), pattern: /^sys\/sync\/.+$/ },
  {
    ...guard("sys/replication/performance/primary/enable", write, "copy all of Vault's data elsewhere"),
    pattern: /^sys\/replication\/.+$/,
  },
  ...["attempt", "update"].map((last) => guard(`sys/generate-root/${last}`, write, "make a root token")),
];

/** Only in a Vault of the instance's own. The backup's part contains the private key of the instance's CA. */
const ofOwnVault: readonly GuardedPath[] = [
  backup(["read"], "read the CA's private key in the backup's mount"),
  backup(writeOrDelete, "change what a restore reads"),
  guard("sys/mounts/openclaw", writeOrDelete, "change the backup's mount"),
  asRoot(below("sys/config/ui/headers"), writeOrDelete, "change what Vault's web pages permit"),
  { sample: "sys/seal", anyOf: ["create", "update"], sudo: true, gain: "write", permits: "seal Vault" },
  {
    sample: "sys/quotas/rate-limit/x",
    pattern: /^sys\/quotas\/(rate-limit|lease-count)\/.+$/,
    anyOf: write,
    gain: "write",
    permits: "limit how often the key is read",
  },
];

/** The keys that a Vault holds for an instance and its hosts. */
export interface KeysInVault {
  /** Whether Vault is the instance's own. */
  readonly isOwn: boolean;
  /** The path of the secret with the key, such as `secret/openrouter`. */
  readonly keyPath: string;
  /** The hosts that it serves besides the instance's own. */
  readonly hosts: readonly { readonly name: string; readonly role: string; readonly keyPath: string }[];
}

/**
 * All paths by which somebody gains something.
 * @param policies the names of the policies in use
 */
export function guardedPaths(
  methods: readonly AuthMethod[],
  policies: readonly string[],
  { isOwn, keyPath, hosts }: KeysInVault,
): GuardedPath[] {
  return [
    ...keyPaths(keyPath, "the key"),
    ...hosts.flatMap((host) => keyPaths(host.keyPath, `the key of the host ${host.name}`)),
    { sample: "secret/config", anyOf: write, gain: "write", permits: "let the key's versions expire" },
    ...policies.flatMap((name) =>
      [`sys/policies/acl/${name}`, `sys/policy/${name}`].map((sample) =>
        guard(sample, write, "change policies"),
      ),
    ),
    ...methods.flatMap(rolesOf),
    ...identities,
    ...system,
    ...(isOwn ? ofOwnVault : []),
  ];
}

/** The paths at which an auth method takes roles, users or groups, each with any policies. */
function rolesOf({ path, type }: AuthMethod): GuardedPath[] {
  const permits = `give policies to those who log in by ${path}`;
  const base = `auth/${path}`;
  const of = (name: string, last = ""): GuardedPath => ({
    ...guard(`${base}${name}/x${last}`, write, permits),
    pattern: new RegExp(`^${escaped(base)}${name}/[^/]+${last}$`),
  });
  switch (type) {
    case "token":
      return [{ ...of("roles"), permits: "let others create tokens with any policy" }];
    case "approle":
      return [of("role"), of("role", "/policies")];
    case "userpass":
      return [of("users"), of("users", "/policies")];
    default:
      return [
        {
          ...guard(`${base}role/x`, write, permits),
          // Everybody may call what a login consists of.
          pattern: new RegExp(`^${escaped(base)}(?!(login|oidc)(/|$)).+$`),
        },
      ];
  }
}

function guard(paths: string | Paths, anyOf: readonly string[], permits: string): GuardedPath {
  return { ...(typeof paths === "string" ? { sample: paths } : paths), anyOf, gain: "guard", permits };
}

function asRoot(paths: string | Paths, anyOf: readonly string[], permits: string): GuardedPath {
  return { ...guard(paths, anyOf, permits), sudo: true };
}

function raw(anyOf: readonly string[], gain: Gain, permits: string): GuardedPath {
  return { ...asRoot({ ...under("sys/raw"), sample: "sys/raw/core/x" }, anyOf, permits), gain };
}

function backup(anyOf: readonly string[], permits: string): GuardedPath {
  return guard({ ...below("openclaw/backup"), sample: "openclaw/backup/head" }, anyOf, permits);
}

/** The paths in a folder, at any depth. */
function under(folder: string): Paths {
  return { sample: `${folder}/x`, pattern: new RegExp(`^${escaped(folder)}/.+$`) };
}

/** The paths directly below a folder. */
function below(folder: string): Paths {
  return { sample: `${folder}/x`, pattern: new RegExp(`^${escaped(folder)}/[^/]+$`) };
}

function escaped(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\]/g, "\\$&");
}

/**
 * The paths of a kind that rules can match: the sample, and each rule's own path with its wildcards filled from the sample.
 * @param rules the paths of rules, as policies have them
 */
export function pathsToTry({ sample, pattern }: GuardedPath, rules: readonly string[]): string[] {
  if (!pattern) return [sample];
  return [sample, ...new Set(rules.map((rule) => filled(rule, sample)))].filter((path) => pattern.test(path));
}

function filled(rule: string, sample: string): string {
  const from = sample.split("/");
  const isPrefix = rule.endsWith("*");
  const parts = (isPrefix ? rule.slice(0, -1) : rule).split("/");
  const full = parts.map((part, index) => {
    const other = from[index] ?? "x";
    if (part === "+") return other;
    if (!isPrefix || index < parts.length - 1) return part;
    return other.startsWith(part) ? other : `${part}x`;
  });
  return [...full, ...(isPrefix ? from.slice(parts.length) : [])].join("/");
}
