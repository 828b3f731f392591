/** What was measured: seconds by name, in the order in which each was first seen. */
export class Timings {
  private readonly seconds = new Map<string, number[]>();

  /** @param counted false: a round that only warms caches up */
  time<T>(name: string, counted: boolean, work: () => T): T {
    const start = performance.now();
    const result = work();
    if (counted)
      this.seconds.set(name, [...(this.seconds.get(name) ?? []), (performance.now() - start) / 1000]);
    return result;
  }

  print(): void {
    for (const [name, values] of this.seconds) {
      const range = `(${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)}, ${values.length} runs)`;
      console.log(`${name.padEnd(34)} ${median(values).toFixed(2).padStart(6)}  ${range}`);
    }
  }

  /** One against another, as the median of the one by the median of the other. */
  printRatio(name: string, other: string, goal: number): void {
    const value = this.median(name) / this.median(other);
    console.log(`${name} / ${other}: ${value.toFixed(2)} (goal: at most ${goal})`);
  }

  printGoal(name: string, goal: number): void {
    console.log(`${name}: ${this.median(name).toFixed(2)} s (goal: at most ${goal} s)`);
  }

  private median(name: string): number {
    return median(this.seconds.get(name) ?? []);
  }
}

function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
