import { join } from "node:path";
import { z } from "zod";
import { declarationDigest } from "../../backup/declaration";
import { type Inventory, takeInventory } from "../../backup/inventory";
import { attempt } from "../../core/attempt";
import { ifError, reasonOf, UserError } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import { accountOf } from "../../core/system/os-user";
import { openclawUserOf } from "../../model/run-parameters";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { readInstalled } from "../../openclaw/installed";
import { containerHost, type DeployContext } from "../../session/context";
import { VaultClient } from "../../vault/client";
import { withRootToken } from "../../vault/identities/root-session";
import type { KeyShares } from "../../vault/shares/shares-file";
import { readSealStatus } from "../../vault/wait";

/** The facts of an environment that are not secret. They are kept in a file during a rebuild. */
export const surroundings = z.object({
  /** What must be the same after a rebuild: names, and values to compare. */
  same: z.record(z.string(), z.string()),
  /** Ids and times that a rebuild renews: names, and values for a person. */
  renewed: z.record(z.string(), z.string()),
});
type Surroundings = z.output<typeof surroundings>;

/** The facts of an environment at one time. */
export interface HostFacts extends Surroundings {
  readonly inventory: Inventory;
}

/** The result of a comparison. */
export type Comparison = ReturnType<typeof compare>;

/** The inventory of an instance's open Vault, taken with a temporary root token. */
export async function inventoryOf(
  { deployment }: DeployContext,
  shares: KeyShares,
  salt: string,
): Promise<Inventory> {
  const vault = VaultClient.at(deployment);
  return withRootToken(vault, deployment.home, shares, (root) => takeInventory(root, salt));
}

/** The other facts of an instance whose Vault is open. */
export async function surroundingsOf(context: DeployContext): Promise<Surroundings> {
  const { deployment } = context;
  const { cluster_id = "", version } = await readSealStatus(VaultClient.at(deployment));
  const { api } = containerHost(context).engine;
  const [container, ...volumes] = await Promise.all([
    api.inspectContainer(deployment.container),
    api.inspectVolume(deployment.dataVolume),
    api.inspectVolume(deployment.homeVolume),
  ]);
  return {
    same: {
      "Vault's cluster id": cluster_id,
      "Vault's version": version,
      "declaration (cdk.tf.json)": await declarationDigest(deployment),
      ...openclawFiles(context),
    },
    renewed: {
      "container's id": container?.Id.slice(0, 12) ?? "none",
      "container made": container?.Created ?? "never",
      ...Object.fromEntries(
        volumes.flatMap((volume) => (volume ? [[`volume ${volume.Name} made`, volume.CreatedAt ?? ""]] : [])),
      ),
    },
  };
}

/** The digests of OpenClaw's files, as their user sees them. For an unreadable file, the reason instead. */
function openclawFiles({ deployment }: DeployContext): Record<string, string> {
  const names = Object.keys(readInstalled(deployment.home)?.files ?? {});
  const path = deployment.openclawFolder;
  const account = accountOf(openclawUserOf(deployment));
  const contents = (of: (name: string) => string) =>
    Object.fromEntries(names.map((name) => [`OpenClaw's file ${join(path, name)}`, of(name)]));
  return attempt(
    () => UsersFolder.with(path, account, (folder) => contents((name) => contentOf(folder, name))),
    ifError(UserError, (error) => contents(() => reasonOf(error))),
  );
}

function contentOf(folder: UsersFolder | undefined, name: string): string {
  return attempt(
    () => {
      const file = folder?.read(name);
      return file ? sha256(file.bytes) : "absent";
    },
    ifError(UserError, reasonOf),
  );
}

export function compare(before: HostFacts, after: HostFacts) {
  const [was, is] = [before, after].map(
    ({ inventory, same }) => new Map([...inventory, ...Object.entries(same)]),
  ) as [Map<string, string>, Map<string, string>];
  const names = new Set([...was.keys(), ...is.keys()]);
  return {
    /** The number of compared values. */
    compared: names.size,
    /** The names of what changed. No values: they can be secrets. */
    changed: [...names].filter((name) => was.get(name) !== is.get(name)),
    /** The ids and times that the rebuild renewed. */
    renewed: Object.entries(before.renewed).flatMap(([what, value]) => {
      const now = after.renewed[what] ?? "none";
      return now === value ? [] : [{ what, before: value, after: now }];
    }),
  };
}
