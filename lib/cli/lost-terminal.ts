import { isatty } from "node:tty";

/**
 * Has this process end by SIGHUP if it loses its terminal, once what was under way has ended. Node itself aborts there, since it
 * cannot restore the terminal: where core dumps are on, its memory would be on a disk, with the key and the shares.
 */
export function endWithLostTerminal(): void {
  const terminals = [0, 1, 2].filter((descriptor) => isatty(descriptor));
  process.on("exit", () => {
    if (terminals.every((descriptor) => isatty(descriptor))) return;
    process.removeAllListeners("SIGHUP");
    process.kill(process.pid, "SIGHUP");
  });
}
