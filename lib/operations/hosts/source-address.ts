import { isIPv6 } from "node:net";
import { networkInterfaces } from "node:os";
import { z } from "zod";
import { wrongUsage } from "../../core/errors";
import { isLoopbackHost } from "../../core/network/loopback";
import type { Deployment } from "../../model/deployment";
import { guideNames } from "../../model/vault/vault-names";
import { ifRefused, VaultClient } from "../../vault/client";
import { roleIdAnswer, secretIdAnswer } from "../../vault/schemas";

/** The role of the trial. No host has its name. */
const role = `${guideNames.prefix}-source-address`;

const loggedIn = z.object({ auth: z.object({ entity_id: z.string() }) });

/**
 * Tries whether Vault sees the address of who calls it by `vault.listen`: by a login from this host that is bound to that address. An
 * engine without root, or one whose proxy forwards the packets, shows every caller as its own gateway, and a host that is bound to an
 * address would never get in.
 * @param admin can write AppRole roles
 * @param listen the address at which other hosts reach Vault
 * @throws UserError (wrong usage) if it does not
 */
export async function requireSourceSeen(
  admin: VaultClient,
  { caFile, tls }: Pick<Deployment, "caFile" | "tls">,
  listen: string,
  address: string,
): Promise<void> {
  const path = `auth/approle/role/${role}`;
  const bound = addressesBeside(listen).map((each) => `${each}/${isIPv6(each) ? 128 : 32}`);
  await admin.write(path, {
    ...{ token_policies: [], token_no_default_policy: true, token_type: "batch", token_ttl: 60 },
    ...{ secret_id_ttl: 60, secret_id_num_uses: 1, secret_id_bound_cidrs: bound },
  });
  try {
    const { role_id } = (await admin.call({ path: `${path}/role-id` }, roleIdAnswer)).data;
    const { secret_id } = (await admin.submit(`${path}/secret-id`, {}, secretIdAnswer)).data;
    const outside = VaultClient.at({ address, ...(caFile && tls ? { caFile } : {}) });
    const entity = await outside.submit("auth/approle/login", { role_id, secret_id }, loggedIn).then(
      ({ auth }) => auth.entity_id,
      ifRefused([400, 403, 500], () => undefined),
    );
    if (entity === undefined)
      throw wrongUsage({
        problem:
          "Vault does not see the addresses of those who call it, so a host cannot be bound to one. Nothing was changed.",
        got: `a call from this host by ${listen} that Vault saw from another address: the engine runs without root, or its proxy forwards the packets`,
        expected: "an engine that keeps the address, or --any-address",
        fix: "Add --any-address instead of --address. Or let the engine set its own iptables rules (no `iptables: false` in its configuration).",
      });
    await admin.remove(`identity/entity/id/${entity}`);
  } finally {
    await admin.remove(path);
  }
}

/**
 * The addresses from which this host calls one of its own: from the first of the interface, if it has several of a network. The
 * engine's gateway is an address of another interface.
 */
export function addressesBeside(own: string): readonly string[] {
  const interfaces = Object.values(networkInterfaces()).map((all = []) => all.map(({ address }) => address));
  const found = interfaces.find((all) => all.includes(own)) ?? [own];
  return found.filter((each) => isIPv6(each) === isIPv6(own) && !isLoopbackHost(each));
}
