import type { Progress } from "../core/progress";
import type { PartName } from "./bundle-parts";

/** One line per second about the running builds: the parts, the duration of each, the number left. */
export class BundleProgress {
  private readonly builds = new Map<PartName, { since: number; note: string }>();
  private readonly timer: NodeJS.Timeout;
  private done = 0;

  constructor(
    private readonly progress: Progress,
    private readonly total: number,
  ) {
    this.timer = setInterval(() => this.tell(), 1000);
    this.timer.unref();
  }

  started(name: PartName): void {
    this.builds.set(name, { since: Date.now(), note: "" });
    this.tell();
  }

  /** The progress of a build; empty before the first report. */
  note(name: PartName, note: string): void {
    const build = this.builds.get(name);
    if (build) build.note = note;
  }

  ended(name: PartName): void {
    this.builds.delete(name);
    this.done++;
    this.tell();
  }

  close(): void {
    clearInterval(this.timer);
  }

  private tell(): void {
    const builds = [...this.builds].map(
      ([name, { since, note }]) => `${name} ${duration(Date.now() - since)}${note ? ` (${note})` : ""}`,
    );
    if (builds.length === 0) return;
    this.progress(`bundle: building ${builds.join(", ")}; ${this.total - this.done} of ${this.total} to go`);
  }
}

/** Milliseconds as `48s` or `1m12s`. */
function duration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, "0")}s`;
}
