import { SystemError, UserError } from "../../lib/core/errors";
import type { DriftContext } from "../../lib/drift/context";
import { runProbes } from "../../lib/drift/run-probes";
import { VaultFailure } from "../../lib/vault/client";

let mockError: unknown;
jest.mock("../../lib/drift/probes", () => ({
  probes: [{ id: "key", of: "every", inspect: () => Promise.reject(mockError) }],
}));

class Failure extends SystemError {
  override readonly fix = "Check this host's DNS.";
}

test.each([
  ["of a person", new UserError({ problem: "no", fix: "Do this." }), "Do this."],
  ["of another system that knows one", new Failure("no"), "Check this host's DNS."],
  ["of the operating system", Object.assign(new Error("no"), { code: "ECONNREFUSED" }), "Docker: journalctl"],
  ["without one", new Error("no"), "openclaw-openrouter doctor"],
])("what a probe cannot determine has the fix of its error, %s", async (_, error, fix) => {
  mockError = error;
  const none = Promise.resolve([]);
  const context = { deployed: {} } as DriftContext;
  const { findings } = await runProbes(context, { vault: none, openrouter: none });
  expect(findings).toMatchObject([{ id: "key.unknown", kind: "unknown" }]);
  expect(JSON.stringify(findings[0]?.fix)).toContain(fix);
});

test("what Vault refuses the auditor is skipped", async () => {
  mockError = new VaultFailure(403, ["permission denied"], "GET sys/mounts");
  const none = Promise.resolve([]);
  const found = await runProbes({ deployed: {} } as DriftContext, { vault: none, openrouter: none });
  expect(found).toMatchObject({ findings: [], skipped: [{ what: "key" }] });
});
