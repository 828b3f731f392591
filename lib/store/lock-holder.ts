import { readFileSync } from "node:fs";
import { hostname } from "node:os";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { isOnSharedFileSystem } from "../core/files/network-file-system";
import { isAlive, pidNamespace, processStart } from "../core/system/live-process";

/** Where a process runs: its pid means something only there. */
const place = z.object({
  /** The machine's id, which outlives a change of its name. */
  machine: z.string(),
  /** The kernel's id of this boot. */
  boot: z.string(),
  /** The namespace of process ids: a container has its own. */
  pids: z.string(),
});
type Place = z.output<typeof place>;

/** The run that holds a lock. */
export const lockHolder = place.extend({
  token: z.string(),
  pid: z.int(),
  /** The start of the process, in clock ticks since boot, since the kernel reuses pids. */
  started: z.string(),
  /** The name of the host, for people. */
  host: z.string(),
  command: z.string(),
  since: z.string(),
});
export type LockHolder = z.output<typeof lockHolder>;

/** Where this process runs. What cannot be read is "", and equals nothing. */
export function placeOfThisProcess(): Place {
  const read = (path: string) => attempt(() => readFileSync(path, "utf8").trim()) ?? "";
  return {
    machine: read("/etc/machine-id"),
    boot: read("/proc/sys/kernel/random/boot_id"),
    pids: pidNamespace() ?? "",
  };
}

/** This process as a lock's holder. */
export function thisProcess(token: string, command: string): LockHolder {
  return {
    ...{ token, pid: process.pid, started: processStart(process.pid) ?? "" },
    ...{ ...placeOfThisProcess(), host: hostname(), command, since: new Date().toISOString() },
  };
}

/**
 * Whether a holder still runs, as far as this process can find out. In the same boot and the same namespace its pid tells. A
 * holder of this machine before its last start has ended, unless other machines with a copied id share the folder. Every other
 * holder, of another machine or container, counts as running.
 * @param folder that of the lock
 */
export function stillHolds(
  other: LockHolder,
  folder: string,
  here: Place = placeOfThisProcess(),
  isShared: (path: string) => boolean = isOnSharedFileSystem,
): boolean {
  const isSame = (name: keyof Place) => other[name] !== "" && other[name] === here[name];
  if (isSame("boot")) return isSame("pids") ? isAlive(other.pid, other.started) : true;
  return !(isSame("machine") && !isShared(folder));
}
