import { z } from "zod";
import { defined } from "../../core/defined";
import { answeringEngine } from "../../docker/engine";
import type { Deployment } from "../../model/deployment";
import { fingerprintOfDigest } from "../../model/openrouter-key";
import { mostInAMonth } from "../../openrouter/money";
import { type Eviction, type HostEntry, type HostKey, readHosts } from "../../store/records/hosts-record";
import { ifRefused, type VaultClient } from "../../vault/client";
import { lastLogins } from "../../vault/hosts/last-logins";
import { logInTo } from "../../vault/log-in";
import { anything } from "../../vault/schemas";
import { type Account, openAccount } from "../key/account";
import { type TotalLimit, totalLimit } from "./total-limit";

const aliases = z.array(z.object({ metadata: z.record(z.string(), z.string()).nullish() })).nullish();
const entityAnswer = z.object({ data: z.object({ aliases }) });

/** A host, and what is known of it. */
export interface ListedHost extends Pick<HostEntry, "name" | "keyPath" | "invited" | "ends" | "addresses"> {
  /**
   * `joined`: it has logged in to Vault. `incomplete`: its invitation was interrupted. `evicted`: its key is not disabled yet.
   * `unknown`: Vault does not answer, or its auditor may not read entities.
   */
  readonly state: "joined" | "invited" | "invitation ended" | "incomplete" | "evicted" | "unknown";
  /** When it logged in to Vault last, ISO 8601. @default unknown: an external Vault's log is its owner's, and an own one's is cut */
  readonly lastLogin?: string;
  /** @default it has none yet */
  readonly key?: ListedKey;
}

interface ListedKey {
  /** The key, shortened by OpenRouter. */
  readonly label: string;
  readonly fingerprint: string;
  /** The most that it spends in a month, in USD; null: it has no limit. */
  readonly limitUsd: number | null;
  /** Spent this month, in USD. @default unknown: OpenRouter tells it to a management key of the key's account */
  readonly spentUsd?: number;
  readonly disabled?: boolean;
}

/** The result of `host list`, as `--json` prints it. */
export interface HostList {
  readonly hosts: readonly ListedHost[];
  readonly total: TotalLimit;
}

/** Lists the hosts that the instance's Vault serves. Changes nothing. @param managementKey tells limits and spending of today */
export async function listHosts(
  deployment: Deployment,
  { managementKey, signal }: { managementKey: string | undefined; signal: AbortSignal },
): Promise<HostList> {
  const { hosts, evicted } = readHosts(deployment.home);
  if (hosts.length === 0) return { hosts: [], total: totalLimit(deployment, []) };
  const account =
    managementKey === undefined ? undefined : await openAccount(deployment, managementKey, signal);
  const auditor = await logInTo(deployment, "auditor").catch(() => undefined);
  const logins = await loginsOf(deployment).catch(() => undefined);
  const listed: ListedHost[] = [];
  for (const host of hosts) {
    const { name, keyPath, invited, ends, addresses, role } = host;
    const lastLogin = logins?.get(role);
    const key = host.key && (await describeKey(host.key, account));
    listed.push({
      ...{ name, state: await stateOf(auditor, host, evicted), keyPath, invited, addresses },
      ...defined({ ends, lastLogin, key }),
    });
  }
  const limits = listed.flatMap(({ key }) => (key ? [key.limitUsd] : []));
  return { hosts: listed, total: totalLimit(deployment, limits) };
}

async function loginsOf({
  external,
  container,
}: Deployment): Promise<ReadonlyMap<string, string> | undefined> {
  if (external) return undefined;
  const engine = await answeringEngine();
  return engine && lastLogins(engine, container);
}

async function describeKey(key: HostKey, account: Account | undefined): Promise<ListedKey> {
  const { sha256, label, limitUsd } = key;
  const known = { label, fingerprint: fingerprintOfDigest(sha256), limitUsd };
  const found = await account?.keys.findExactly(key);
  if (!found) return known;
  const { item } = found;
  const spent = item.spentThisMonth === undefined ? {} : { spentUsd: item.spentThisMonth };
  return { ...known, limitUsd: mostInAMonth(item), ...spent, disabled: item.disabled };
}

/** Vault writes the role into an entity's alias at the first login. If entities may not be read, the invitation tells. */
async function stateOf(
  auditor: VaultClient | undefined,
  { accessor, roleId, entityId, ends = "" }: HostEntry,
  evicted: readonly Eviction[],
): Promise<ListedHost["state"]> {
  if (roleId === undefined) return "incomplete";
  const isRecorded = evicted.some((each) => each.roleId === roleId);
  if (!auditor) return isRecorded ? "evicted" : "unknown";
  const found = await auditor
    .find({ path: `identity/entity/id/${entityId}` }, entityAnswer)
    .catch(ifRefused(403, () => undefined));
  // An eviction is recorded before it is done. It is not, if that failed, or if a restore with it was undone.
  if (isRecorded && !found) return "evicted";
  if (found?.data.aliases?.some(({ metadata }) => metadata?.role_name)) return "joined";
  if (Date.parse(ends) <= Date.now()) return found ? "invitation ended" : "unknown";
  const isOpen = await auditor.submit("auth/token/lookup-accessor", { accessor }, anything).then(
    () => true,
    ifRefused([400, 403, 404], () => false),
  );
  if (isOpen) return "invited";
  // Nobody has logged in: it was revoked, as by a restore.
  return found ? "invitation ended" : "joined";
}
