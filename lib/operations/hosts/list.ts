import { z } from "zod";
import { minuteOf } from "../../core/time";
import type { Deployment } from "../../model/deployment";
import { type HostEntry, readHosts } from "../../store/hosts-record";
import { ifRefused, VaultClient } from "../../vault/client";
import { logIn } from "../../vault/log-in";
import { anything } from "../../vault/schemas";

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
    hosts.map(async ({ accessor, roleId: _, entityId, ...host }) => ({
      ...host,
      state: auditor ? await stateOf(auditor, { accessor, entityId, ends: host.ends ?? "" }) : "unknown",
    })),
  );
}

/** Vault writes the role into an entity's alias at the first login. If entities may not be read, the invitation tells. */
async function stateOf(
  auditor: VaultClient,
  {
    accessor,
    entityId,
    ends,
  }: { accessor?: string | undefined; entityId?: string | undefined; ends: string },
): Promise<ListedHost["state"]> {
  const found = await auditor
    .find({ path: `identity/entity/id/${entityId}` }, entityAnswer)
    .catch(ifRefused(403, () => undefined));
  if (found?.data.aliases?.some(({ metadata }) => metadata?.role_name)) return "joined";
  const isOver = Date.parse(ends) <= Date.now();
  if (found) return isOver ? "invitation ended" : "invited";
  if (isOver) return "unknown";
  const request = { method: "POST", path: "auth/token/lookup-accessor", body: { accessor } } as const;
  const isOpen = await auditor.call(request, anything).then(
    () => true,
    ifRefused([400, 403, 404], () => false),
  );
  return isOpen ? "invited" : "joined";
}

/** One line for people. */
export function describeHost({ name, state, invited, addresses, key, keyPath }: ListedHost): string {
  const limit = key && (key.limitUsd === null ? "no limit" : `${key.limitUsd} USD a month`);
  const bound = addresses.length > 0 ? `from ${addresses.join(", ")}` : "from any address";
  const about = key ? `key ${key.label}, ${limit}` : "a key that was given";
  return `${name}: ${state}, invitation of ${minuteOf(invited)}, ${bound}, ${keyPath}, ${about}`;
}
