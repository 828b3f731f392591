import type { DriftContext } from "../../lib/drift/context";
import { vaultServer } from "../../lib/drift/probes/vault-server";
import { VaultUnreachable } from "../../lib/vault/unanswered";

test.each<[string, object, object, string]>([
  ["whose engine runs", {}, { engine: {} }, "See why: docker logs --tail 50 vault"],
  ["without an engine", {}, {}, "openclaw-openrouter doctor"],
  ["that is external", { external: {} }, {}, "docker start vault"],
])("a Vault that does not answer, %s, has a fix that works", async (_, deployed, host, fix) => {
  const context = {
    seal: async () => undefined,
    deployed: { container: "vault", address: "https://127.0.0.1:8200", ...deployed },
    vaultProblem: new VaultUnreachable({ problem: "Vault does not answer.", fix: "docker start vault" }),
    options: { host },
  } as unknown as DriftContext;
  expect(await vaultServer.inspect(context)).toMatchObject([
    { id: "vault.unreachable", fix: { command: fix } },
  ]);
});

const status = { initialized: true, sealed: true, type: "shamir", t: 3, n: 5, version: "1.21.2" };

/** How a sealed external Vault is to be unsealed, by `drift`. */
async function fixFor(external: object, type = "shamir") {
  const deployed = { external, address: "https://vault.example:8200", container: "vault" };
  const context = { deployed, seal: async () => ({ ...status, type }), sharesAreHere: false };
  const [found] = await vaultServer.inspect(context as unknown as DriftContext);
  return [found?.id, found?.fix.by, found?.fix.command.split("\n")[0]];
}

const [theirs, ours] = ["openclaw-default-3f2a91c4", "openclaw"];

test.each([
  ["an external one", { prefix: theirs }, "shamir", "vault operator unseal"],
  ["one that a service unseals", { prefix: theirs }, "transit", expect.stringContaining("the transit that")],
  ["one that a host joined", { prefix: ours, joinedAs: "web1" }, "shamir", expect.stringMatching(/^On the/)],
])("a sealed Vault, %s, is nothing that this host's `vault unseal` opens", async (_, external, type, fix) => {
  expect(await fixFor(external, type)).toEqual(["vault.sealed", "person", fix]);
});
