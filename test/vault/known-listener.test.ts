import fs from "node:fs";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { exchange, KnownSideAgent } from "../../lib/core/network/http";
import type { TcpSocket } from "../../lib/core/network/sockets";
import { writeListener } from "../../lib/store/records/listener-record";
import {
  listenerUids,
  requireKnownListener,
  requireKnownSide,
  whoListens,
} from "../../lib/vault/known-listener";
import { scratchFolder } from "../support/folder";

const loopback = "0100007F";
const entry = (props: Partial<TcpSocket>): TcpSocket => ({
  isListening: false,
  local: { address: loopback, port: 8200 },
  remote: { address: loopback, port: 40000 },
  uid: 0,
  inode: "7",
  ...props,
});
const listener = (props: Partial<TcpSocket> = {}) =>
  entry({ isListening: true, remote: { address: "00000000", port: 0 }, ...props });

test.each<[string, TcpSocket[], number[]]>([
  ["a listener of root's", [listener()], [0]],
  ["a stranger who accepted, and listens no more", [listener(), entry({ uid: 65534 })], [0, 65534]],
  ["a connection that nobody accepted yet, whose uid says nothing", [listener(), entry({ inode: "0" })], [0]],
  [
    "two listeners, one on every address",
    [listener(), listener({ local: { address: "00000000", port: 8200 }, uid: 1000 })],
    [0, 1000],
  ],
  ["a listener of another port", [listener({ local: { address: loopback, port: 8201 }, uid: 1000 })], []],
  [
    "a listener of the network's address alone",
    [listener({ local: { address: "0A00A8C0", port: 8200 }, uid: 1000 })],
    [],
  ],
  [
    "somebody else's connection",
    [listener(), entry({ remote: { address: loopback, port: 40001 }, uid: 1000 })],
    [0],
  ],
])("%s", (_, sockets, uids) => {
  expect(listenerUids(sockets, 8200, 40000)).toEqual(uids);
});

describe("a connection to a listener of this test's own", () => {
  const uid = process.getuid?.() ?? 0;
  let server: Server;
  let address: string;
  let socket: Socket;

  beforeEach(async () => {
    server = createServer((accepted) => accepted.on("error", () => {}));
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    address = `http://127.0.0.1:${port}`;
    socket = connect(port, "127.0.0.1");
    await new Promise<void>((resolve) => socket.once("connect", () => resolve()));
  });
  afterEach(async () => {
    socket.destroy();
    await new Promise<void>((resolve) => server.close(() => resolve()));
  });

  test("is known without a record: it is this user's", async () => {
    await requireKnownListener(socket, address, undefined);
    expect(await whoListens({ address })).toEqual([uid]);
  });

  test("is refused if another uid was recorded for this address, and the message says who listens", async () => {
    const home = scratchFolder();
    writeListener(home, address, uid + 1);
    await expect(requireKnownListener(socket, address, { home })).rejects.toThrow(
      new RegExp(`nothing was sent there[\\s\\S]*uid ${uid}[\\s\\S]*uid ${uid + 1}`),
    );
    await expect(requireKnownSide({ address, listener: { home } })).rejects.toThrow("nothing was sent");
  });

  test("costs one reading of the kernel's tables with all that are opened beside it, and the next one another", async () => {
    const read = jest.spyOn(fs, "readFileSync");
    const readings = () => read.mock.calls.filter(([path]) => path === "/proc/net/tcp").length;
    const judge = () => requireKnownListener(socket, address, undefined);
    await Promise.all(Array.from({ length: 12 }, judge));
    expect(readings()).toBe(1);
    await judge();
    expect(readings()).toBe(2);
    read.mockRestore();
  });

  test("is known by its record, and a record of another address says nothing", async () => {
    const home = scratchFolder();
    writeListener(home, address, uid);
    await requireKnownListener(socket, address, { home });
    writeListener(home, "http://127.0.0.1:1", uid + 1);
    await requireKnownListener(socket, address, { home });
  });
});

test("a connection that is closed while it is judged is reported, and not waited for", async () => {
  const server = createServer((accepted) => accepted.destroy());
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const slow = new KnownSideAgent(async (socket) => {
    if (!socket.destroyed) await new Promise((resolve) => socket.once("close", resolve).resume());
  });
  const options = { method: "GET", headers: {}, timeout: 5_000, agent: slow };
  await expect(exchange(`http://127.0.0.1:${port}/`, options)).rejects.toThrow(/closed|ECONNRESET/);
  await new Promise<void>((resolve) => server.close(() => resolve()));
});

test("plain HTTP that leads off this host is refused, whoever is there", async () => {
  const elsewhere = { remoteAddress: "192.0.2.7", remotePort: 8200, localPort: 1 } as Socket;
  await expect(requireKnownListener(elsewhere, "http://vault.example:8200", undefined)).rejects.toThrow(
    "is not on this host",
  );
});

test("nobody at the address: there is nobody to send anything to", async () => {
  await requireKnownSide({ address: "http://127.0.0.1:1" });
  expect(await whoListens({ address: "http://127.0.0.1:1" })).toEqual([]);
});

test("an address of TLS is its certificate's matter", async () => {
  await requireKnownSide({ address: "https://127.0.0.1:1" });
});
