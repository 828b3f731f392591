import { listensOnLoopback, programOf, tcpSockets } from "../core/network/sockets";
import { accountOfUid } from "../core/system/os-user";

/** The program that listens on a TCP port of this host's loopback, as `name (pid N)`; undefined if it is unknown. */
export function programOnPort(port: number): string | undefined {
  return programOf(listenersOn(port));
}

/** The listener on a TCP port of this host's loopback, for messages: `python3 (pid 12), uid 65534 (nobody)`. */
export function describeListener(port: number): string {
  const sockets = listenersOn(port);
  if (sockets.length === 0) return "nobody that can be seen on this host";
  const uids = [...new Set(sockets.map(({ uid }) => uid))].map(
    (uid) => `uid ${uid} (${accountOfUid(uid)?.name ?? "a user without a name"})`,
  );
  return [programOf(sockets), ...uids].filter((part) => part !== undefined).join(", ");
}

/** Whether a program listens on a TCP port of this host's loopback, as the kernel lists it. */
export function isListenedOn(port: number): boolean {
  return listenersOn(port).length > 0;
}

function listenersOn(port: number) {
  return tcpSockets().filter((socket) => socket.local.port === port && listensOnLoopback(socket));
}
