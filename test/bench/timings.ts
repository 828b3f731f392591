/** What was measured, by name, in the order in which each was first seen: seconds, and megabytes at the most. */
export class Timings {
  private readonly seconds = new Map<string, number[]>();
  private readonly megabytes = new Map<string, number>();

  /** @param counted false: a round that only warms caches up */
  async time(name: string, counted: boolean, work: () => Promise<void>): Promise<void> {
    const start = performance.now();
    await work();
    if (counted) this.keep(name, (performance.now() - start) / 1000);
  }

  keep(name: string, seconds: number): void {
    this.seconds.set(name, [...(this.seconds.get(name) ?? []), seconds]);
  }

  keepPeak(name: string, megabytes: number): void {
    this.megabytes.set(name, Math.max(megabytes, this.peak(name) ?? 0));
  }

  /** The median in seconds; undefined where it was not measured. */
  median(name: string): number | undefined {
    const values = this.seconds.get(name);
    return values && median(values);
  }

  /** In megabytes. */
  peak(name: string): number | undefined {
    return this.megabytes.get(name);
  }

  print(): void {
    console.log("\nMedians in seconds, least and most in brackets\n");
    for (const [name, values] of this.seconds) {
      const range = `(${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}, ${values.length} runs)`;
      console.log(`${name.padEnd(40)} ${median(values).toFixed(2).padStart(6)}  ${range}`);
    }
    console.log("\nMost memory at one moment, in MB\n");
    for (const [name, peak] of this.megabytes)
      console.log(`${name.padEnd(40)} ${peak.toFixed(0).padStart(6)}`);
    console.log("");
  }

  /** One against another, as the median of the one by the median of the other. */
  printRatio(name: string, other: string, goal: number): void {
    const [one, two] = [this.median(name), this.median(other)];
    if (one !== undefined && two !== undefined)
      console.log(`${name} / ${other}: ${(one / two).toFixed(2)} (goal: at most ${goal})`);
  }

  printGoal(name: string, goal: number): void {
    const value = this.median(name);
    if (value !== undefined) console.log(`${name}: ${value.toFixed(2)} s (goal: at most ${goal} s)`);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
