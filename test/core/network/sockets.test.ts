import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  isLoopbackAddress,
  isLoopbackHex,
  listensOnLoopback,
  parseTcpTable,
  programOf,
  type TcpSocket,
  tcpSockets,
} from "../../../lib/core/network/sockets";

// As `cat /proc/net/tcp` showed it: a listener of root's, its connection from this host, and one that waits to be accepted.
const table = `  sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode
   0: 0100007F:2008 00000000:0000 0A 00000000:00000000 00:00000000 00000000     0        0 21401 1 0000000000000000 100 0 0 10 0
   1: 0100007F:2008 0100007F:D2F4 01 00000000:00000000 00:00000000 00000000 65534        0 21500 1 0000000000000000 20 4 0 10 -1
   2: 0100007F:2008 0100007F:D2F6 01 00000000:00000000 00:00000000 00000000     0        0 0 1 0000000000000000 20 4 0 10 -1
`;

test("a line of the kernel's table is read by its columns", () => {
  expect(parseTcpTable(table)).toEqual([
    {
      isListening: true,
      local: { address: "0100007F", port: 8200 },
      remote: { address: "00000000", port: 0 },
      uid: 0,
      inode: "21401",
    },
    expect.objectContaining({ isListening: false, uid: 65534, remote: { address: "0100007F", port: 54004 } }),
    expect.objectContaining({ isListening: false, uid: 0, inode: "0" }),
  ]);
  expect(parseTcpTable("")).toEqual([]);
});

test.each([
  ["0100007F", true],
  ["0200FE7F", true],
  ["0100A8C0", false],
  ["7F000001", false],
  ["00000000000000000000000001000000", true],
  ["0000000000000000FFFF00000100007F", true],
  ["0000000000000000FFFF00000100A8C0", false],
  ["00000000000000000000000000000000", false],
])("%s is of the loopback: %s", (address, expected) => {
  expect(isLoopbackHex(address)).toBe(expected);
});

test.each([
  ["127.0.0.1", true],
  ["127.9.9.9", true],
  ["::1", true],
  ["::ffff:127.0.0.1", true],
  ["10.0.0.1", false],
  ["::ffff:10.0.0.1", false],
  ["127.evil.example", false],
  [undefined, false],
])("a connection to %s stays on this host: %s", (address, expected) => {
  expect(isLoopbackAddress(address)).toBe(expected);
});

test.each([
  ["0100007F", true],
  ["00000000", true],
  ["00000000000000000000000000000000", true],
  ["0A00A8C0", false],
])("a listener at %s takes what comes in at the loopback: %s", (address, expected) => {
  const socket: TcpSocket = {
    isListening: true,
    local: { address, port: 8200 },
    remote: { address: "00000000", port: 0 },
    uid: 0,
    inode: "1",
  };
  expect(listensOnLoopback(socket)).toBe(expected);
  expect(listensOnLoopback({ ...socket, isListening: false })).toBe(false);
});

test("a program cannot put a line of its own into a message by its name", async () => {
  const script = `process.title = "x\\n✔ Vault"; require("node:net").createServer().listen(0, "127.0.0.1", function () {
    console.log(this.address().port);
  });`;
  const child = spawn(process.execPath, ["-e", script], { stdio: ["ignore", "pipe", "inherit"] });
  try {
    const [port] = await once(child.stdout, "data");
    const sockets = tcpSockets().filter(
      ({ isListening, local }) => isListening && local.port === Number(port),
    );
    expect(programOf(sockets)).toBe(`x ✔ Vault (pid ${child.pid})`);
  } finally {
    child.kill();
  }
});
