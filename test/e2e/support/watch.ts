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

/**
 * Looks for the command lines of all processes on this machine, those in containers included, until it is stopped. A process is
 * read again and again in its first second, in which it becomes another program by `exec`, and four times a second later on: to
 * read all of them at each look would take a whole processor from what is tested.
 * @param into gets each command line, its arguments divided by NUL
 */
export function watchCommandLines(into: Set<string>): () => void {
  let since = new Map<string, number>();
  let nextOfAll = 0;
  return watch(() => {
    const now = Date.now();
    const all = now >= nextOfAll;
    if (all) nextOfAll = now + 250;
    const pids = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
    since = new Map(pids.map((pid) => [pid, since.get(pid) ?? now]));
    for (const [pid, seen] of since) if (all || now - seen < 1000) readCommandLine(pid, into);
  });
}

function readCommandLine(pid: string, into: Set<string>): void {
  try {
    into.add(readFileSync(`/proc/${pid}/cmdline`, "latin1"));
  } catch {
    // It ended meanwhile.
  }
}
