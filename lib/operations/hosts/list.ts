import { z } from "zod";
import { minuteOf } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import { type HostEntry, readHosts } from "../../store/hosts-record";
import { ifRefused, VaultClient } from "../../vault/client";
import { logIn } from "../../vault/log-in";

const aliases = z.array(z.object({ metadata: z.record(z.string(), z.string()).nullish() })).nullish();
const entityAnswer = z.object({ data: z.object({ aliases }) });

/** A host, and what is known of it. */
export interface ListedHost extends Omit<HostEntry, "accessor" | "roleId" | "entityId"> {
  /** `joined`: it has logged in to Vault. `unknown`: Vault does not answer, or its auditor may not read entities. */
  readonly state: "joined" | "invited" | "invitation ended" | "unknown";
}

/** Lists the hosts that the instance's Vault serves. Changes nothing. */
export async function listHosts(deployment: Deployment): Promise<readonly ListedHost[]> {
  const { hosts } = readHosts(deployment.home);
  if (hosts.length === 0) return [];
  const auditor = await logIn(VaultClient.at(deployment), deployment.home, "auditor").catch(() => undefined);
  return Promise.all(
    hosts.map(async ({ accessor: _, roleId: __, entityId, ...host }) => ({
      ...host,
      state: await stateOf(auditor, entityId, host.ends),
    })),
  );
}

/** Vault writes the role into an entity's alias at the first login. */
async function stateOf(
  auditor: VaultClient | undefined,
  entityId: string | undefined,
  ends: string | undefined,
): Promise<ListedHost["state"]> {
  const found = await auditor
    ?.find({ path: `identity/entity/id/${entityId}` }, entityAnswer)
    .catch(ifRefused(403, () => undefined));
  if (!found) return "unknown";
  if (found.data.aliases?.some(({ metadata }) => metadata?.role_name)) return "joined";
  return Date.parse(ends ?? "") > Date.now() ? "invited" : "invitation ended";
}

/** One line for people. */
export function describeHost({ name, state, invited, addresses, key, keyPath }: ListedHost): string {
  const limit = key && (key.limit === null ? "no limit" : `${key.limit} USD a month`);
  const bound = addresses.length > 0 ? `from ${addresses.join(", ")}` : "from any address";
  const about = key ? `key ${key.label}, ${limit}` : "a key that was given";
  return `${name}: ${state}, invited ${minuteOf(invited)}, ${bound}, ${keyPath}, ${about}`;
}
