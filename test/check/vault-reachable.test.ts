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

test.each([
  [
    "every address",
    "http://127.0.0.1:8200",
    ["0.0.0.0", "::"],
    /publishes port 8200 to other machines \(0\.0\.0\.0, ::\)/,
  ],
  ["the loopback", "http://127.0.0.1:8200", ["127.0.0.1"], undefined],
  ["every address, with TLS", "https://127.0.0.1:8200", ["0.0.0.0"], undefined],
  ["every address, of another port", "http://127.0.0.1:8210", ["0.0.0.0"], undefined],
])("an external Vault's container that publishes %s", async (_, address, ips, warned) => {
  const ports = ips.map((IP) => ({ IP, PublicPort: 8200 }));
  const engine = { containers: async () => [{ Names: ["/vault"], Ports: [{}, ...ports] }] };
  const context = {
    engine,
    parameters: { address, external: { container: "vault" } },
    reach: async () => ({ status: { version: "1.17.6" }, started: false }),
    now: () => new Date(),
  };
  const { status, summary } = await vaultReachable.run(context as unknown as CheckContext);
  expect(status).toBe(warned ? "warn" : "pass");
  if (warned) expect(summary).toMatch(warned);
});
