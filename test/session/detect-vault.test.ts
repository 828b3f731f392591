import { EventEmitter, once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { EngineApi } from "../../lib/docker/engine-api";
import { instanceLabel } from "../../lib/model/instance-label";
import type { EngineContext } from "../../lib/session/context";
import { findExistingVault, requireFreePort } from "../../lib/session/detect-vault";

const actual = jest.requireActual<typeof import("node:net")>("node:net");
jest.mock("node:net", () => ({
  ...jest.requireActual("node:net"),
  // A server of a user who may not take the port.
  createServer: () => {
    const server = new EventEmitter();
    const error = Object.assign(new Error("listen EACCES"), { code: "EACCES" });
    return Object.assign(server, { listen: () => setImmediate(() => server.emit("error", error)) });
  },
}));

const context = {
  deployment: {},
  host: { engine: { api: { containers: async () => [] } } },
} as unknown as EngineContext;

test("a port that this user may not take is free if nobody listens on it: the engine takes it", async () => {
  const listener: Server = actual.createServer().listen(0, "127.0.0.1");
  await once(listener, "listening");
  const { port } = listener.address() as AddressInfo;
  await expect(requireFreePort(context, port)).rejects.toThrow(`Port ${port} on 127.0.0.1 is taken`);
  const fixOf = (instance: string) =>
    requireFreePort({ ...context, deployment: { instance } } as EngineContext, port).catch(
      ({ props }) => props.fix,
    );
  expect(await fixOf("default")).toContain("vault.port");
  expect(await fixOf("sandbox")).not.toContain("vault.port");
  listener.close();
  await once(listener, "close");
  await requireFreePort(context, port);
});

test("a container of its name that does not run is reported, unless it is an instance's", async () => {
  const find = (Labels: object) => {
    const containers = async (query: string) =>
      query === "all=true" ? [{ Names: ["/vault"], Labels, State: "exited", Ports: [] }] : [];
    return findExistingVault({ container: "vault", port: 1 }, { containers } as unknown as EngineApi);
  };
  expect(await find({})).toEqual({ container: "vault", state: "exited" });
  expect(await find({ [instanceLabel]: "an-id" })).toBeUndefined();
});
