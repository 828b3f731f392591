import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { basename } from "node:path";
import { attempt } from "../../../lib/core/attempt";

const namespaces = "/var/run/netns";

/**
 * Ends what an interrupted run has left: its tests had no time to.
 * @param folder the run's own: processes name it in their command line or environment, and network namespaces begin with its name
 */
export function removeLeft(folder: string): void {
  for (const pid of readdirSync("/proc").map(Number).filter(Boolean)) {
    if (pid !== process.pid && mentions(pid, folder)) attempt(() => process.kill(pid, "SIGKILL"));
  }
  const left = attempt(() => readdirSync(namespaces)) ?? [];
  for (const name of left.filter((each) => each.startsWith(basename(folder))))
    attempt(() => execFileSync("ip", ["netns", "delete", name], { stdio: "pipe" }));
}

function mentions(pid: number, folder: string): boolean {
  return ["cmdline", "environ"].some((file) =>
    attempt(() => readFileSync(`/proc/${pid}/${file}`, "utf8"))?.includes(folder),
  );
}
