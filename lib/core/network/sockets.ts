import { readdirSync, readlinkSync } from "node:fs";
import { isIPv6 } from "node:net";
import { attempt } from "../attempt";
import { readOrEmpty } from "../files/files";
import { processIds } from "../system/live-process";

/** One TCP socket of this host's network namespace: a line of `/proc/net/tcp` or `/proc/net/tcp6` (proc(5)). */
export interface TcpSocket {
  readonly isListening: boolean;
  /** As the kernel writes it: the address in hexadecimal digits and the port. */
  readonly local: { readonly address: string; readonly port: number };
  readonly remote: { readonly address: string; readonly port: number };
  readonly uid: number;
  /** `0` if no process owns it yet: a connection that waits to be accepted. */
  readonly inode: string;
}

const listening = "0A";

/** The TCP sockets of this network namespace, listeners first. */
export function tcpSockets(): TcpSocket[] {
  // A kernel without IPv6 does not have the second table.
  return ["/proc/net/tcp", "/proc/net/tcp6"].flatMap((path) => parseTcpTable(readOrEmpty(path)));
}

/** The sockets in one table of the kernel. */
export function parseTcpTable(table: string): TcpSocket[] {
  return table
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns.length > 9)
    .map(([, local = "", remote = "", state, , , , uid, , inode = ""]) => ({
      isListening: state === listening,
      local: endpoint(local),
      remote: endpoint(remote),
      uid: Number(uid),
      inode,
    }));
}

function endpoint(text: string): TcpSocket["local"] {
  const [address = "", port = ""] = text.split(":");
  return { address, port: Number.parseInt(port, 16) };
}

/** Whether an address as the kernel writes it is of the loopback: 127.0.0.0/8, `::1`, or the former inside IPv6. */
export function isLoopbackHex(address: string): boolean {
  if (address.length === 8) return address.endsWith("7F");
  return (
    address === "00000000000000000000000001000000" ||
    (address.startsWith("0000000000000000FFFF0000") && address.endsWith("7F"))
  );
}

/** Whether an address as Node writes it is of the loopback. */
export function isLoopbackAddress(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:/i, "");
  return isIPv6(plain) ? plain === "::1" : /^127(\.\d{1,3}){3}$/.test(plain);
}

/** Whether a listener accepts connections on the loopback: it is bound to it, or to every address. */
export function listensOnLoopback({ isListening, local }: TcpSocket): boolean {
  return isListening && (/^0+$/.test(local.address) || isLoopbackHex(local.address));
}

/** The program that owns one of these sockets, as `name (pid N)`; undefined if it is unknown. */
export function programOf(sockets: readonly TcpSocket[]): string | undefined {
  const inodes = new Set(sockets.map(({ inode }) => inode));
  for (const pid of processIds()) {
    if (openSockets(pid).some((inode) => inodes.has(inode))) {
      // A program chooses this name itself, line breaks included, and can have ended by now.
      const name = readOrEmpty(`/proc/${pid}/comm`).replace(/\s+/g, " ").trim();
      return `${name || "a program"} (pid ${pid})`;
    }
  }
  return undefined;
}

function openSockets(pid: number): string[] {
  const names = attempt(() => readdirSync(`/proc/${pid}/fd`)) ?? [];
  return names.flatMap((fd) => {
    const target = attempt(() => readlinkSync(`/proc/${pid}/fd/${fd}`));
    return target?.startsWith("socket:[") ? [target.slice(8, -1)] : [];
  });
}
