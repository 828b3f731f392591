import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { withTemporaryFolder } from "../core/files/temporary-folder";

interface DownloadOptions {
  /** The maximum time without data, in milliseconds. */
  readonly silence: number;
  /** Called with the number of bytes so far. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Watches the downloads of a program in its folder of temporary files: Terraform reports no progress, and waits forever for a
 * server that stops sending.
 * @param work gets the folder for `TMPDIR`, and a signal that is aborted if no more data arrives
 */
export function watchDownloads<T>(
  work: (folder: string, silent: AbortSignal) => Promise<T>,
  { silence, onBytes }: DownloadOptions,
): Promise<T> {
  return withTemporaryFolder("download", async (folder) => {
    const stop = new AbortController();
    let bytes = 0;
    let lastGrowth = performance.now();
    const timer = setInterval(
      () => {
        const now = sizeOf(folder);
        if (now !== bytes) {
          bytes = now;
          lastGrowth = performance.now();
          onBytes(bytes);
        } else if (performance.now() - lastGrowth > silence) stop.abort();
      },
      Math.min(1000, silence / 4),
    );
    try {
      return await work(folder, stop.signal);
    } finally {
      clearInterval(timer);
    }
  });
}

function sizeOf(folder: string): number {
  const names = readdirSync(folder, { recursive: true }).map(String);
  // A file may be removed between the two calls.
  return names.reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
