import { readdirSync, readFileSync, readlinkSync } from "node:fs";

/** The program that listens on a TCP port of this host, as `name (pid N)`; undefined where it cannot be told. */
export function programOnPort(port: number): string | undefined {
  const sockets = new Set([
    ...listeningSockets("/proc/net/tcp", port),
    ...listeningSockets("/proc/net/tcp6", port),
  ]);
  for (const pid of readdirSync("/proc").filter((name) => /^\d+$/.test(name))) {
    if (openSockets(pid).some((socket) => sockets.has(socket))) {
      return `${readFileSync(`/proc/${pid}/comm`, "utf8").trim()} (pid ${pid})`;
    }
  }
  return undefined;
}

/** Inodes of the sockets in state LISTEN (0A) on the port; columns as in proc(5). */
function listeningSockets(table: string, port: number): string[] {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, "0")}`;
  return readFileSync(table, "utf8")
    .split("\n")
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) && columns[3] === "0A")
    .map((columns) => columns[9] ?? "");
}

function openSockets(pid: string): string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap((fd) => {
      const target = readlink(`/proc/${pid}/fd/${fd}`);
      return target?.startsWith("socket:[") ? [target.slice(8, -1)] : [];
    });
  } catch {
    return [];
  }
}

function readlink(path: string): string | undefined {
  try {
    return readlinkSync(path);
  } catch {
    return undefined;
  }
}
