import type { DriftContext } from "../../lib/drift/context";
import { vaultAccess } from "../../lib/drift/probes/vault-access";
import { writeHosts } from "../../lib/store/records/hosts-record";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const mockFresh: object[] = [];
jest.mock("../../lib/vault/access/read-access", () => ({
  readAccess: async () => ({ fresh: mockFresh, others: [], unread: [] }),
}));

test("the fix for a joined host's changed role writes the role again, and does not remove it", async () => {
  const home = homeOf(scratchFolder());
  const host = { name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" };
  writeHosts(home, {
    hosts: [{ ...host, invited: "2026-11-25T12:00:00.000Z", addresses: ["10.0.0.7/32"] }],
    evicted: [],
  });
  const role = (name: string, more: object = {}) => ({
    ...{ id: `auth/approle/role/${name}`, name },
    ways: [{ gain: "read", permits: "read the key", through: "policy x, rule y", policies: ["x"], ...more }],
  });
  mockFresh.push(role("openclaw-host-web1"), role("ci"), role("openclaw-host-web1", { entity: "eve" }));
  const context = { home, deployed: {}, auditor: async () => ({}), notInspected: [], tokens: async () => [] };
  const found = await vaultAccess.inspect(context as unknown as DriftContext);
  expect(found.map(({ fix }) => fix && "command" in fix && fix.command.split("  ")[0])).toEqual([
    "openclaw-openrouter host invite web1 --again --address 10.0.0.7/32",
    "vault delete auth/approle/role/ci",
    "vault write identity/entity/name/eve policies=",
  ]);
});
