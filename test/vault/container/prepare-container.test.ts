import { silent } from "../../../lib/core/progress";
import type { EngineApi } from "../../../lib/docker/engine-api";
import { ephemeralLabel } from "../../../lib/docker/ephemeral";
import { instanceLabel } from "../../../lib/model/instance-label";
import { prepareContainer } from "../../../lib/vault/container/prepare-container";

test("the container that a killed run left on the volume is removed, before another one is made", async () => {
  const calls: string[] = [];
  const engine = {
    containers: async (query: string) => {
      expect(JSON.parse(new URLSearchParams(query).get("filters") ?? "")).toEqual({
        volume: ["vault-home"],
        label: [ephemeralLabel],
      });
      return [{ Id: "left" }];
    },
    inspectNetwork: async () => ({ Id: "network", Labels: { [instanceLabel]: "an-id" } }),
    call: async (method: string, path: string) => {
      calls.push(`${method} ${path.split("?")[0]}`);
      return { Id: "made" };
    },
  } as unknown as EngineApi;
  await prepareContainer(
    {
      ...{
        home: "/homes/default",
        instanceId: "an-id",
        container: "vault",
        network: "vault",
        image: "an-image",
      },
      ...{ homeVolume: "vault-home", socketVolume: "vault-socket", port: 8200 },
    },
    engine,
    silent,
  );
  expect(calls).toEqual([
    "DELETE /containers/left",
    "POST /containers/create",
    "PUT /containers/made/archive",
    "DELETE /containers/made",
  ]);
});
