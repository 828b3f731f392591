import { type EngineApi, EngineError } from "../../lib/docker/engine-api";
import { ensureNetwork } from "../../lib/docker/vault-network";

const engineThatRefuses = (message: string) =>
  ({
    inspectNetwork: async () => undefined,
    call: () => Promise.reject(new EngineError(403, message)),
  }) as unknown as EngineApi;

test.each([
  "could not find an available, non-overlapping IPv4 address pool among the defaults to assign to the network",
  "all predefined address pools have been fully subnetted",
])("an engine without addresses is reported as that, with what frees some: %s", async (message) => {
  const error = await ensureNetwork(engineThatRefuses(message), "vault-network", "an-id").catch(String);
  expect(error).toContain("no addresses left for the network vault-network");
  expect(error).toContain(message);
  expect(error).toMatch(/docker network prune[\s\S]*VPN[\s\S]*default-address-pools/);
});

test("another refusal is the engine's own", async () => {
  const error = await ensureNetwork(engineThatRefuses("plugin not found"), "vault-network", "an-id").catch(
    (reason) => reason,
  );
  expect(error).toBeInstanceOf(EngineError);
});
