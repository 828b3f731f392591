/** The sandbox's clock: the machine's own, until it is set; then it stands still. */
export class SandboxClock {
  private fixed: number | undefined;

  now(): Date {
    return new Date(this.fixed ?? Date.now());
  }

  /** Stops the clock at a time; undefined lets the machine's own run again. */
  set(time: Date | undefined): void {
    this.fixed = time?.getTime();
  }
}
