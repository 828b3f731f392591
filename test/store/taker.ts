import { UserError } from "../../lib/core/errors";
import { type Lock, takeLock } from "../../lib/store/lock";

/** A process that takes and releases a lock as its parent tells it. */
let lock: Lock | undefined;

process.on("message", (told: { path: string; at: number } | { release: true }) => {
  if ("release" in told) {
    lock?.release();
    lock = undefined;
    process.send?.("released");
    return;
  }
  // Asleep until shortly before, so that the crowd leaves the machine to others.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, Math.max(0, told.at - 2 - Date.now()));
  while (Date.now() < told.at);
  try {
    lock = takeLock(told.path, "up", {});
    process.send?.("taken");
  } catch (error) {
    process.send?.(error instanceof UserError ? "refused" : String(error));
  }
});
process.send?.("ready");
