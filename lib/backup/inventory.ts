import { createHmac } from "node:crypto";
import { z } from "zod";
import { backupMount } from "../vault/backup-mount";
import type { VaultClient } from "../vault/client";
import { pathInUrl } from "../vault/path-in-url";
import { mountsAnswer, policyAnswer } from "../vault/schemas";

/** The contents of a Vault: names, and values to compare. */
export type Inventory = ReadonlyMap<string, string>;

const described = z.object({ data: z.record(z.string(), z.unknown()) });
const secretVersions = z.object({
  data: z.object({
    versions: z.record(z.string(), z.object({ created_time: z.string(), destroyed: z.boolean() })),
  }),
});
const anySecret = z.object({ data: z.unknown() });

/**
 * Takes an inventory, as root, of everything that a rebuild must not change: mounts, auth methods, audit devices, policies,
 * roles of AppRole, and every secret of every KV engine with all its versions.
 * @param salt the salt of this comparison: secrets are compared by salted digests, which nobody can guess values against
 */
export async function takeInventory(root: VaultClient, salt: string): Promise<Inventory> {
  const found = new Map<string, string>();
  const list = await root.call({ path: "sys/mounts" }, mountsAnswer);
  for (const part of ["mounts", "auth", "audit"] as const) {
    const { data } = await root.call({ path: `sys/${part}` }, described);
    for (const [path, value] of Object.entries(data)) found.set(`${singular[part]} ${path}`, ordered(value));
  }
  for (const name of await root.list("sys/policies/acl")) {
    if (name === "root") continue;
    const { data } = await root.call({ path: `sys/policies/acl/${pathInUrl(name)}` }, policyAnswer);
    found.set(`policy ${name}`, data.policy);
  }
  for (const name of await root.list("auth/approle/role")) {
    const { data } = await root.call({ path: `auth/approle/role/${pathInUrl(name)}` }, described);
    found.set(`role ${name}`, ordered(data));
  }
  for (const [mount, { type, options }] of Object.entries(list.data)) {
    // The backup mount holds the last backup's document, which a later backup replaces. The mount itself is compared above.
    if (type !== "kv" || mount === backupMount.path) continue;
    const secrets = options?.version === "2" ? secretsOf(root, mount) : plainSecretsOf(root, mount);
    for await (const [name, value, created] of secrets) {
      const digested = digest(salt, value);
      found.set(`secret ${mount}${name}`, created === undefined ? digested : `${created} ${digested}`);
    }
  }
  return found;
}

const singular = { mounts: "mount", auth: "auth method", audit: "audit device" } as const;

/** What is compared of a secret: its name in the mount, its value, and when it was created, if the engine keeps that. */
type Secret = readonly [name: string, value: string, created?: string];

/** Every version of every secret of a KV version 2 engine. */
async function* secretsOf(root: VaultClient, mount: string): AsyncGenerator<Secret> {
  for await (const path of pathsIn(root, `${mount}metadata/`)) {
    const { data } = await root.call({ path: pathInUrl(`${mount}metadata/${path}`) }, secretVersions);
    for (const [version, { created_time, destroyed }] of Object.entries(data.versions)) {
      const value = destroyed
        ? "destroyed"
        : await readValue(root, `${pathInUrl(`${mount}data/${path}`)}?version=${version}`);
      yield [`${path} version ${version}`, value, created_time];
    }
  }
}

/** The secrets of a KV version 1 engine, which keeps no versions. */
async function* plainSecretsOf(root: VaultClient, mount: string): AsyncGenerator<Secret> {
  for await (const path of pathsIn(root, mount))
    yield [path, await readValue(root, pathInUrl(`${mount}${path}`))];
}

/** The path of each secret, in all folders. @param list the path at which Vault lists them */
async function* pathsIn(root: VaultClient, list: string, folder = ""): AsyncGenerator<string> {
  for (const name of await root.list(pathInUrl(`${list}${folder}`)))
    if (name.endsWith("/")) yield* pathsIn(root, list, `${folder}${name}`);
    else yield `${folder}${name}`;
}

async function readValue(root: VaultClient, path: string): Promise<string> {
  const found = await root.find({ path }, anySecret);
  // Without a value: a deleted version, which can be undeleted.
  return found ? ordered(found.data) : "deleted";
}

function digest(salt: string, value: string): string {
  return createHmac("sha256", salt).update(value).digest("hex");
}

/** The value as JSON with sorted names. */
function ordered(value: unknown): string {
  return JSON.stringify(value, (_, part: unknown) =>
    typeof part === "object" && part !== null && !Array.isArray(part)
      ? Object.fromEntries(Object.entries(part).sort(([a], [b]) => (a < b ? -1 : 1)))
      : part,
  );
}
