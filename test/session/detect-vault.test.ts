import { EventEmitter, once } from "node:events";
import type { AddressInfo, Server } from "node:net";
import type { EngineContext } from "../../lib/session/context";
import { requireFreePort } from "../../lib/session/detect-vault";

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
  listener.close();
  await once(listener, "close");
  await requireFreePort(context, port);
});
