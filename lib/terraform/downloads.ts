import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { withTemporaryFolder } from "../core/files/temporary-folder";

export interface DownloadOptions {
  /** Milliseconds for which nothing may come. */
  readonly silence: number;
  /** Told how many bytes came until now. */
  readonly onBytes: (bytes: number) => void;
}

/**
 * Watches what a program downloads into its folder of temporary files: Terraform itself says nothing meanwhile, and waits
 * for ever for a server that fell silent.
 * @param work is given the folder for `TMPDIR`, and a signal that is aborted where nothing comes any more
 */
export function watchDownloads<T>(
  work: (folder: string, silent: AbortSignal) => Promise<T>,
  { silence, onBytes }: DownloadOptions,
): Promise<T> {
  return withTemporaryFolder("download", async (folder) => {
    const stop = new AbortController();
    let bytes = 0;
    let lastGrowth = Date.now();
    const timer = setInterval(
      () => {
        const now = sizeOf(folder);
        if (now !== bytes) {
          bytes = now;
          lastGrowth = Date.now();
          onBytes(bytes);
        } else if (Date.now() - lastGrowth > silence) stop.abort();
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
  // A file may go between the two looks.
  return names.reduce(
    (sum, name) => sum + (statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0),
    0,
  );
}
