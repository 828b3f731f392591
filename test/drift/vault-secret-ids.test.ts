import type { DriftContext } from "../../lib/drift/context";
import { vaultSecretIds } from "../../lib/drift/probes/vault-secret-ids";
import { type HostEntry, writeHosts } from "../../lib/store/records/hosts-record";
import { VaultFailure } from "../../lib/vault/client";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";

const host = (name: string): HostEntry => ({
  ...{ name, role: `openclaw-host-${name}`, keyPath: `secret/openrouter/${name}`, roleId: "r" },
  ...{ invited: "2026-11-25T12:00:00.000Z", addresses: ["10.0.0.7/32"] },
});

/** @param listed the accessors of each role's secret ids, or the status that Vault answers */
function inspect(listed: Record<string, string[] | number>, external?: object) {
  const home = homeOf(scratchFolder());
  writeHosts(home, { hosts: [host("web1"), host("web2")], evicted: [] });
  const list = async (path: string) => {
    const found = listed[/\/role\/([^/]+)\/secret-id$/.exec(path)?.[1] ?? ""] ?? ["one"];
    if (typeof found === "number") throw new VaultFailure(found, ["refused"], path);
    return found;
  };
  const notInspected: object[] = [];
  const context = {
    home,
    deployed: { external },
    auditor: async () => ({ list }),
    notInspected,
    renewal: {},
  };
  return { notInspected, run: () => vaultSecretIds.inspect(context as unknown as DriftContext) };
}

test("a second secret id of a joined host's role is drift, and the fix writes the role again", async () => {
  expect(await inspect({}).run()).toEqual([]);
  expect(await inspect({ "openclaw-host-web2": ["its own", "another"] }).run()).toMatchObject([
    {
      id: "vault.secret-ids:openclaw-host-web2",
      severity: "critical",
      summary: expect.stringContaining("the host web2"),
      fix: {
        by: "person",
        command: expect.stringMatching(
          /^openclaw-openrouter host invite web2 --again --address 10.0.0.7\/32/,
        ),
      },
    },
  ]);
});

test("a role that is gone has none, and where the auditor may not list them that is said of an external Vault", async () => {
  const gone = inspect({ "openclaw-host-web1": 400 });
  expect([await gone.run(), gone.notInspected]).toEqual([[], []]);
  const external = { prefix: "openclaw-a", keyPath: "secret/openrouter" };
  const refused = inspect({ "openclaw-host-web1": 403 }, external);
  expect(await refused.run()).toEqual([]);
  expect(refused.notInspected).toMatchObject([{ what: "vault.secret-ids: role openclaw-host-web1" }]);
});
