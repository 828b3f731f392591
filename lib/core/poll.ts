import { setTimeout as sleep } from "node:timers/promises";

interface PollOptions {
  /** The pause between two attempts in milliseconds, by the milliseconds since the first one began. */
  readonly every: number | ((elapsed: number) => number);
  /** The time in milliseconds after which there is no other attempt. @default none */
  readonly timeout?: number;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Repeats an attempt until it gives something.
 * @returns undefined if it gave nothing in time
 * @throws what an attempt throws, or the signal's AbortError
 */
export async function poll<T>(
  attempt: () => Promise<T | undefined> | T | undefined,
  { every, timeout = Number.POSITIVE_INFINITY, signal }: PollOptions,
): Promise<T | undefined> {
  // Of a clock that does not jump: some machines know the time only minutes after they boot.
  const started = performance.now();
  for (;;) {
    const result = await attempt();
    if (result !== undefined) return result;
    const elapsed = performance.now() - started;
    if (elapsed > timeout) return undefined;
    await sleep(typeof every === "number" ? every : every(elapsed), undefined, signal ? { signal } : {});
  }
}
