import { vaultReachable } from "../../lib/check/checks/vault-reachable";
import type { CheckContext } from "../../lib/check/context";

function look(storage: string | undefined, parameters: object = { external: {} }) {
  const status = { version: "1.17.6", ...(storage ? { storage_type: storage } : {}) };
  const context = {
    parameters: { address: "http://127.0.0.1:8200", ...parameters },
    reach: async () => ({ status, started: false }),
    now: () => new Date(),
  };
  return vaultReachable.run(context as unknown as CheckContext);
}

test("warns of an external Vault in dev mode, which forgets the key", async () => {
  const finding = await look("inmem");
  expect(finding).toMatchObject({ status: "warn", summary: expect.stringContaining("in memory only") });
  expect(finding.fix).toContain("production mode");
});

test.each(["raft", "file", "consul", undefined])("is content with the storage %s", async (storage) => {
  expect(await look(storage)).toMatchObject({ status: "pass" });
});
