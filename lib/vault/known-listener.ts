import { connect, type Socket } from "node:net";
import { UserError } from "../core/errors";
import {
  isLoopbackAddress,
  isLoopbackHex,
  listensOnLoopback,
  type TcpSocket,
  tcpSockets,
} from "../core/network/sockets";
import { answeringEngine } from "../docker/engine";
import { isOurs } from "../docker/ours";
import { describeListener } from "../host/port-owner";
import type { ListenerRule, VaultPlace } from "../model/deployment";
import { apiPort } from "../model/vault/vault-config";
import { readInstance } from "../store/home";
import { readListener, writeListener } from "../store/records/listener-record";

/** The listener at a plain HTTP address is unknown: nothing was sent there. */
export class ListenerUnknown extends UserError {}

/**
 * Verifies, on an open plain HTTP connection before anything is sent, that the other side is the listener that a person
 * confirmed: by the listener's uid in the kernel's table, and by the engine if it publishes the port.
 *
 * The connection itself is verified, so that nobody can take over the port in between.
 * @throws ListenerUnknown that names the listener
 */
export async function requireKnownListener(
  socket: Socket,
  address: string,
  rule: ListenerRule | undefined,
): Promise<void> {
  if (!isLoopbackAddress(socket.remoteAddress)) throw notLoopback(address, socket.remoteAddress);
  const port = socket.remotePort ?? 0;
  const uids = listenerUids(await socketsOfNow(), port, socket.localPort ?? 0);
  const word = rule?.container ? await engineWord(rule, rule.container, port) : { state: "none" as const };
  if (word.state === "contrary") throw unknown(address, port, word.reason);
  // Without docker-proxy the kernel forwards the port: no listener is visible, and only the engine knows it.
  if (uids.length === 0) {
    if (word.state === "confirmed") return;
    throw unknown(address, port, "no listener can be seen, and no engine says that it publishes this port");
  }
  const expected = expectedUids(address, rule, word.state === "confirmed" && rule?.own === true);
  const stranger = expected && uids.find((uid) => !expected.includes(uid));
  if (stranger === undefined) return;
  throw unknown(address, port, `a listener of uid ${stranger}`, expected);
}

let reading: Promise<readonly TcpSocket[]> | undefined;

/**
 * The kernel's tables, read once for all connections that are open by now: the kernel takes milliseconds to write them, and a
 * command opens a dozen connections at once.
 */
function socketsOfNow(): Promise<readonly TcpSocket[]> {
  reading ??= new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    // A connection that is opened from here on may not be in them.
    reading = undefined;
    return tcpSockets();
  });
  return reading;
}

/**
 * The uids on the other side of a connection: of the listeners on the port, and of the process that accepted the connection.
 * They have the order of the kernel's table, listeners first, so a connection that waits to be accepted belongs to a listener
 * in it.
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

/**
 * The uids that are allowed to listen. Undefined if any is: the engine confirms this instance's own container, and no listener
 * is recorded yet.
 */
function expectedUids(
  address: string,
  rule: ListenerRule | undefined,
  isConfirmedOwn: boolean,
): number[] | undefined {
  const recorded = rule && readListener(rule.home, address);
  if (recorded) return [recorded.uid];
  return isConfirmedOwn ? undefined : trustedUids();
}

/** The uids that are trusted without a question: root, who can read the key anyway, and the current user. */
export function trustedUids(): number[] {
  return [0, process.getuid?.() ?? 0];
}

type EngineWord =
  | { readonly state: "confirmed" | "none" }
  | { readonly state: "contrary"; readonly reason: string };

/** The engine's answer about the container that should publish the port; `none` if this user cannot ask the engine. */
async function engineWord({ home, own }: ListenerRule, name: string, port: number): Promise<EngineWord> {
  const engine = await answeringEngine();
  if (!engine) return { state: "none" };
  const container = await engine.inspectContainer(name);
  const contrary = (reason: string): EngineWord => ({ state: "contrary", reason });
  if (!container) return contrary(`the engine has no container ${name}`);
  if (own && !isOurs(container, readInstance(home)?.id))
    return contrary(`the container ${name} is not this instance's`);
  if (container.State.Status !== "running")
    return contrary(`the container ${name} does not run: it is ${container.State.Status}`);
  const bindings = container.HostConfig.PortBindings[`${apiPort}/tcp`] ?? [];
  if (!bindings.some(({ HostPort }) => HostPort === String(port)))
    return contrary(`the container ${name} does not publish port ${port}`);
  return { state: "confirmed" };
}

/** The uids of the current listeners at a plain HTTP address. Empty if none is visible. */
export async function whoListens({ address }: VaultPlace): Promise<readonly number[]> {
  const uids = await withConnection(address, async (socket) =>
    listenerUids(await socketsOfNow(), socket.remotePort ?? 0, socket.localPort ?? 0),
  );
  return uids ?? [];
}

/**
 * The same as {@link requireKnownListener} for a program that makes its own connections right after this. If nothing answers,
 * the program can start: it has nobody to send anything to.
 */
export async function requireKnownSide({ address, listener }: VaultPlace): Promise<void> {
  if (!address.startsWith("http:")) return;
  await withConnection(address, (socket) => requireKnownListener(socket, address, listener));
}

/** Runs `work` on a connection. @returns undefined if nothing answers */
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
 * Records the listener of the instance's own running container if it serves plain HTTP, since the engine confirms it. Does
 * nothing if it serves TLS.
 */
export async function recordOwnListener(place: VaultPlace): Promise<void> {
  const { address, listener } = place;
  if (!listener?.own) return;
  const uids = await whoListens(place);
  if (uids.length === 1) writeListener(listener.home, address, uids[0]!);
}

function notLoopback(address: string, remote: string | undefined): ListenerUnknown {
  return new ListenerUnknown({
    problem: `${address} is plain HTTP, and is not on this host: nothing was sent there.`,
    got: `a connection to ${remote ?? "an unknown address"}`,
    expected: "https, or an address of the loopback",
    fix: "Configure TLS in that Vault, and use its https address.",
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
        ? `a listener of uid ${expected.join(" or ")}, as a person confirmed it`
        : "the container that publishes this port",
    fix: "Find out what it is. If it is Vault, run: openclaw-openrouter up\nwhich shows the listener and asks. Better, configure TLS in Vault.",
  });
}
