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
