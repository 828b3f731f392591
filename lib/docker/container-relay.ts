import { createServer, type Socket } from "node:net";
import { pipeline } from "node:stream/promises";
import { isLoopbackHex, tcpSockets } from "../core/network/sockets";
import type { EngineApi } from "./engine-api";
import { attach, standardOutput } from "./engine-exec";

/**
 * Makes a port of a container without a network reachable from this host: each connection is one `nc` in the container, which
 * the image's busybox has. Every user of the host can reach a loopback port, and the Vault behind it may not be set up yet, so
 * only connections of this user are accepted.
 * @returns the port on 127.0.0.1, and what closes it
 */
export async function relayInto(engine: EngineApi, container: string, port: number) {
  const sockets = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    sockets.add(socket);
    socket.on("close", () => sockets.delete(socket)).on("error", () => {});
    if (!isOfThisUser(socket)) return void socket.destroy();
    attach(engine, container, ["nc", "127.0.0.1", String(port)]).then(
      (tunnel) => {
        const end = () => {
          socket.destroy();
          tunnel.destroy();
        };
        pipeline(socket, tunnel).catch(end);
        pipeline(tunnel, standardOutput(), socket).catch(end);
      },
      () => socket.destroy(),
    );
  });
  await new Promise<void>((resolve, reject) => {
    server.once("error", reject).listen(0, "127.0.0.1", resolve);
  });
  return {
    port: (server.address() as { port: number }).port,
    close: (): Promise<void> => {
      for (const socket of sockets) socket.destroy();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

/**
 * Whether the other side belongs to this user, by the kernel's table. The table may have two such sockets, since the loopback
 * has many addresses. A socket that its program has closed has no owner and appears as uid 0: it is refused.
 */
function isOfThisUser({ localPort, remotePort }: Socket): boolean {
  const others = tcpSockets().filter(
    ({ local, remote }) =>
      local.port === remotePort && remote.port === localPort && isLoopbackHex(local.address),
  );
  return others.length > 0 && others.every(({ uid, inode }) => uid === process.getuid?.() && inode !== "0");
}
