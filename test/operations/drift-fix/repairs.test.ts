import type { DriftContext } from "../../../lib/drift/context";
import { byFix } from "../../../lib/drift/finding";
import { vaultMounts } from "../../../lib/drift/probes/vault-mounts";
import { matches } from "../../../lib/drift/root-cause";
import { approleMount, secretMount } from "../../../lib/model/vault/own-vault";
import { repairs } from "../../../lib/operations/drift-fix/repairs";
import { backupMount } from "../../../lib/vault/backup-mount";

const untuned = { config: {}, accessor: "a" };
const secret = { ...untuned, ...secretMount, type: "kv", options: { version: "2" } };
const backups = { ...untuned, ...backupMount };
const approle = { ...untuned, ...approleMount };
const tuned = { config: { max_lease_ttl: 60 } };

/** What the probe finds with the shares on this host. */
function inspect(engines: object, methods: object) {
  const context = {
    deployed: {},
    renewal: byFix,
    auditor: async () => ({
      call: async ({ path }: { path: string }) => ({ data: path === "sys/mounts" ? engines : methods }),
    }),
    knownState: async () => undefined,
    unmanaged: () => undefined,
  };
  return vaultMounts.inspect(context as unknown as DriftContext);
}

test.each([
  ["no mount for backups", secret, undefined, approle],
  ["its description", secret, { ...backups, description: "x" }, approle],
  ["its tuning", secret, { ...backups, ...tuned }, approle],
  ["the tuning of secret/", { ...secret, ...tuned }, backups, approle],
  ["the tuning of AppRole", secret, backups, { ...approle, ...tuned }],
])("what `drift --fix` is told to fix has a repair: %s", async (_, store, forBackups, method) => {
  const engines = { "secret/": store, ...(forBackups && { "openclaw/": forBackups }) };
  const found = await inspect(engines, { "approle/": method });
  expect(found.map(({ fix }) => fix)).toEqual([byFix]);
  expect(
    found.flatMap(({ id }) =>
      repairs.filter(({ fixes }) => fixes.some((pattern) => matches(pattern, id))).map(({ name }) => name),
    ),
  ).toEqual(["recover"]);
});
