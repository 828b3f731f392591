import { basename } from "node:path";
import { assignments } from "../core/assignments";
import { readOrEmpty } from "../core/files/files";
import { pidNamespace, processIds, statusOf, textsOf } from "../core/system/live-process";

/**
 * A process that looks like OpenClaw's gateway. Its user controls its command line, so it decides nothing for another user.
 */
interface GatewayProcess {
  readonly pid: number;
  readonly uid: number;
  /** Its command line; only its title if it set one. */
  readonly args: readonly string[];
}

/** Of one user: whoever starts thousands that look like one would hold up this run for minutes. */
const mostOfUser = 16;

/** The gateways that run on this host, without those in containers. */
export function gatewayProcesses(): GatewayProcess[] {
  const own = pidNamespace();
  const counts = new Map<number, number>();
  return processIds().flatMap((pid) => {
    const [[uid] = []] = statusOf(pid, "Uid");
    const args = textsOf(pid, "cmdline");
    if (uid === undefined || !isGateway(args) || pidNamespace(pid) !== own) return [];
    const count = (counts.get(uid) ?? 0) + 1;
    counts.set(uid, count);
    return count > mostOfUser ? [] : [{ pid, uid, args }];
  });
}

/**
 * The user of a container's gateway, by the kernel: of the gateway's own process if this user can see it, else of the container's
 * first process.
 * @param pid the container's first process
 * @returns undefined if it has ended, or if the container's users are other users on this host, as with a rootless engine: files
 *   placed here would not be theirs
 */
export function userOfContainer(pid: number): { readonly uid: number; readonly gid: number } | undefined {
  const usersOf = (process: number | "self") => readOrEmpty(`/proc/${process}/uid_map`);
  if (usersOf(pid) !== usersOf("self")) return undefined;
  const [[uid] = [], [gid] = []] = statusOf(gatewayIn(pid) ?? pid, "Uid", "Gid");
  return uid === undefined || gid === undefined ? undefined : { uid, gid };
}

/**
 * Whether a gateway that this user can see runs in a container. Of one that shares the host's processes nobody can tell.
 * @param pid the container's first process
 */
export function runsGateway(pid: number): boolean {
  return pidNamespace(pid) !== pidNamespace() && gatewayIn(pid) !== undefined;
}

function gatewayIn(pid: number): number | undefined {
  const namespace = pidNamespace(pid);
  return processIds().find(
    (id) => isGateway(textsOf(id, "cmdline")) && namespace !== undefined && pidNamespace(id) === namespace,
  );
}

/**
 * The option `--profile` of a gateway, which its title hides: the first process that it starts, OpenClaw's own, has the profile
 * and the profile's folder as variables. The variable of the profile alone moves no folder.
 */
export function hiddenProfile(pid: number): string[] {
  const [first] = readOrEmpty(`/proc/${pid}/task/${pid}/children`).split(" ").map(Number);
  const { OPENCLAW_PROFILE: profile, OPENCLAW_STATE_DIR: folder } = first ? environmentOf(first) : {};
  return profile && folder ? ["--profile", profile] : [];
}

/** The environment that a process started with; empty if this user has no access to it. */
export function environmentOf(pid: number): Record<string, string> {
  return assignments(textsOf(pid, "environ"));
}

/**
 * Whether a command line belongs to a gateway: `openclaw gateway`, by its name or by a script of its package, or the title that
 * the gateway sets.
 */
export function isGateway([program = "", ...args]: readonly string[]): boolean {
  if (/^openclaw-gateway\b/.test(program)) return true;
  const words = [program, ...args];
  const at = words.findIndex(
    (word) => /^openclaw(\.[cm]?js)?$/.test(basename(word)) || word.includes("/openclaw/"),
  );
  return at !== -1 && words.indexOf("gateway", at) !== -1;
}
