import { readdirSync, readFileSync, readlinkSync } from "node:fs";
import { basename } from "node:path";

/** A process that looks like OpenClaw's gateway. Its words are its user's: they are shown to a person, and decide nothing. */
export interface GatewayProcess {
  readonly pid: number;
  readonly uid: number;
}

/** The gateways that run on this host; those in containers are not. */
export function gatewayProcesses(): GatewayProcess[] {
  const own = pidNamespace("self");
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .flatMap((name) => {
      const uid = uidOf(name);
      if (uid === undefined || !isGateway(readOrEmpty(`/proc/${name}/cmdline`).split("\0"))) return [];
      return pidNamespace(name) === own ? [{ pid: Number(name), uid }] : [];
    });
}

/**
 * Whether a command line is that of a gateway: `openclaw gateway`, by its own name or by a script of its package, or the title
 * that it gives itself.
 */
export function isGateway([program = "", ...args]: readonly string[]): boolean {
  if (/^openclaw-gateway\b/.test(program)) return true;
  const words = [program, ...args];
  const at = words.findIndex(
    (word) => /^openclaw(\.[cm]?js)?$/.test(basename(word)) || word.includes("/openclaw/"),
  );
  return at !== -1 && words.indexOf("gateway", at) !== -1;
}

function uidOf(pid: string): number | undefined {
  const uid = /^Uid:\s+(\d+)/m.exec(readOrEmpty(`/proc/${pid}/status`))?.[1];
  return uid === undefined ? undefined : Number(uid);
}

/** Undefined if the process is gone, or may not be asked. */
function pidNamespace(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/ns/pid`);
  } catch {
    return undefined;
  }
}

function readOrEmpty(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}
