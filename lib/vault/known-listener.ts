import { connect, type Socket } from "node:net";
import { UserError } from "../core/errors";
import {
  isLoopbackAddress,
  isLoopbackHex,
  listensOnLoopback,
  type TcpSocket,
  tcpSockets,
} from "../core/sockets";
import { reachEngine } from "../docker/engine";
import { describeListener } from "../host/port-owner";
import type { ListenerRule, VaultPlace } from "../model/deployment";
import { instanceLabel } from "../model/instance-label";
import { apiPort } from "../model/vault-config";
import { readInstance } from "../store/home";
import { readListener, writeListener } from "../store/listener-record";

/** Who listens at an address of plain HTTP is not known: nothing was sent there. */
export class ListenerUnknown extends UserError {}

/**
 * Sees, on a connection of plain HTTP that stands and on which nothing was sent, that the other side is the one that a person
 * was shown: by the uid that the kernel notes for the listener, and by the engine if that one publishes the port.
 *
 * Judged on the connection itself, so that nobody can take the port in between.
 * @throws ListenerUnknown that says who listens
 */
export async function requireKnownListener(
  socket: Socket,
  address: string,
  rule: ListenerRule | undefined,
): Promise<void> {
  if (!isLoopbackAddress(socket.remoteAddress)) throw notLoopback(address, socket.remoteAddress);
  const port = socket.remotePort ?? 0;
  const uids = listenerUids(tcpSockets(), port, socket.localPort ?? 0);
  const word = rule?.container ? await engineWord(rule, rule.container, port) : { state: "none" as const };
  if (word.state === "contrary") throw unknown(address, port, word.reason);
  // Without docker-proxy the kernel hands the port on: no listener is seen, and the engine alone knows.
  if (uids.length === 0) {
    if (word.state === "confirmed") return;
    throw unknown(address, port, "no listener can be seen, and no engine says that it publishes this port");
  }
  const expected = expectedUids(address, rule, word.state === "confirmed" && rule?.own === true);
  const stranger = expected && uids.find((uid) => !expected.includes(uid));
  if (stranger === undefined) return;
  throw unknown(address, port, `a listener of uid ${stranger}`, expected);
}

/**
 * The uids on the other side of a connection: of who listens on the port, and of who accepted this connection. In the order of
 * the kernel's table, listeners first: so a connection that waits to be accepted belongs to a listener that was seen.
 */
export function listenerUids(sockets: readonly TcpSocket[], port: number, clientPort: number): number[] {
  const others = sockets.filter(
    (socket) =>
      socket.local.port === port &&
      (listensOnLoopback(socket) ||
        (socket.remote.port === clientPort && socket.inode !== "0" && isLoopbackHex(socket.remote.address))),
  );
  return [...new Set(others.map(({ uid }) => uid))];
}

/** Undefined if anybody may: the engine verifies its own container, and nothing was recorded yet. */
function expectedUids(
  address: string,
  rule: ListenerRule | undefined,
  isConfirmedOwn: boolean,
): number[] | undefined {
  const recorded = rule && readListener(rule.home, address);
  if (recorded) return [recorded.uid];
  return isConfirmedOwn ? undefined : trustedUids();
}

/** Who may listen without being asked about: root, who can do all that anyway, and who runs this. */
export function trustedUids(): number[] {
  return [0, process.getuid?.() ?? 0];
}

type EngineWord =
  | { readonly state: "confirmed" | "none" }
  | { readonly state: "contrary"; readonly reason: string };

/** What the engine says of the container that is to publish the port; nothing if it may not be asked. */
async function engineWord({ home, own }: ListenerRule, name: string, port: number): Promise<EngineWord> {
  const found = await reachEngine().catch(() => undefined);
  if (found?.state !== "running") return { state: "none" };
  const container = await found.engine.api.inspectContainer(name);
  const contrary = (reason: string): EngineWord => ({ state: "contrary", reason });
  if (!container) return contrary(`the engine has no container ${name}`);
  if (own && container.Config.Labels?.[instanceLabel] !== readInstance(home)?.id)
    return contrary(`the container ${name} is not this instance's`);
  if (container.State.Status !== "running")
    return contrary(`the container ${name} does not run: it is ${container.State.Status}`);
  const bindings = container.HostConfig.PortBindings[`${apiPort}/tcp`] ?? [];
  if (!bindings.some(({ HostPort }) => HostPort === String(port)))
    return contrary(`the container ${name} does not publish port ${port}`);
  return { state: "confirmed" };
}

/** The uids of who listens at an address of plain HTTP now. Empty if nobody can be seen. */
export async function whoListens({ address }: VaultPlace): Promise<readonly number[]> {
  const uids = await withConnection(address, async (socket) =>
    listenerUids(tcpSockets(), socket.remotePort ?? 0, socket.localPort ?? 0),
  );
  return uids ?? [];
}

/**
 * The same as {@link requireKnownListener} for a program that makes its own connections right after this. If nothing answers it
 * may start: it has nobody to send anything to.
 */
export async function requireKnownSide({ address, listener }: VaultPlace): Promise<void> {
  if (!address.startsWith("http:")) return;
  await withConnection(address, (socket) => requireKnownListener(socket, address, listener));
}

/** Undefined if nothing answers. */
async function withConnection<T>(
  address: string,
  work: (socket: Socket) => Promise<T>,
): Promise<T | undefined> {
  const { hostname, port } = new URL(address);
  const socket = connect({ host: hostname.replace(/^\[|\]$/g, ""), port: Number(port || 80) });
  const isConnected = await new Promise<boolean>((resolve) => {
    socket.once("connect", () => resolve(true)).on("error", () => resolve(false));
  });
  try {
    return isConnected ? await work(socket) : undefined;
  } finally {
    socket.destroy();
  }
}

/**
 * Records who listens where a running container of the instance's own serves plain HTTP: by the engine's word that it is its.
 * Does nothing if it serves TLS.
 */
export async function recordOwnListener(place: VaultPlace): Promise<void> {
  const { address, listener } = place;
  if (!listener?.own) return;
  const uids = await whoListens(place);
  if (uids.length === 1) writeListener(listener.home, address, uids[0]!);
}

function notLoopback(address: string, remote: string | undefined): ListenerUnknown {
  return new ListenerUnknown({
    problem: `${address} is plain HTTP, and leads off this host: nothing was sent there.`,
    got: `a connection to ${remote ?? "an unknown address"}`,
    expected: "https, or an address of the loopback",
    fix: "Have that Vault serve TLS, and name it by https.",
  });
}

function unknown(
  address: string,
  port: number,
  got: string,
  expected: readonly number[] = [],
): ListenerUnknown {
  return new ListenerUnknown({
    problem: `Another program than Vault may listen at ${address}: nothing was sent there.`,
    got: `${got}; on port ${port}: ${describeListener(port)}`,
    expected:
      expected.length > 0
        ? `a listener of uid ${expected.join(" or ")}, as it was when a person saw it`
        : "the container that publishes this port",
    fix: "See what it is. If it is Vault as it should be: openclaw-openrouter up, which shows who listens and asks. Better, have Vault serve TLS.",
  });
}
