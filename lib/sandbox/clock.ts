/** The sandbox's clock: the machine's clock until it is set; then it stops at that time. */
export class SandboxClock {
  private fixed: number | undefined;

  now(): Date {
    return new Date(this.fixed ?? Date.now());
  }

  /** Stops the clock at a time; undefined returns to the machine's clock. */
  set(time: Date | undefined): void {
    this.fixed = time?.getTime();
  }
}
