import { readdirSync, readFileSync } from "node:fs";

/** Looks at something again and again, as fast as other work lets it, until it is stopped. */
export function watch(look: () => void): () => void {
  let stopped = false;
  const again = () => {
    if (stopped) return;
    look();
    setTimeout(again, 5);
  };
  again();
  return () => {
    stopped = true;
  };
}

/** Adds the command line of every process on this machine, those in containers included. */
export function readCommandLines(into: Set<string>): void {
  for (const pid of readdirSync("/proc")) {
    if (!/^\d+$/.test(pid)) continue;
    try {
      into.add(readFileSync(`/proc/${pid}/cmdline`, "latin1"));
    } catch {
      // It ended meanwhile.
    }
  }
}
