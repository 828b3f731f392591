import { constants, fstatSync, openSync, readFileSync } from "node:fs";
import { longest } from "../core/bounded";
import { UserError } from "../core/errors";
import { closing } from "../core/files/handle";
import { plainJson } from "../core/plain-text";
import { quote } from "../core/text";
import { describeDuration } from "../core/time";
import { type DriftReport, driftReport } from "../report/drift-report";
import { writeReport } from "../report/write-report";

/** Writes a report for other users of this host, who can read it and nothing else of the instance. */
export function writeReportFile(path: string, report: DriftReport): void {
  writeReport(path, `${plainJson(report)}\n`);
}

interface ReportFileOptions {
  /** Seconds since the report was finished. */
  readonly maxAge: number;
  /** The instance that the report must be about. @default any */
  readonly instance?: string;
  /** @default now */
  readonly now?: Date;
}

/** The allowed difference between clocks, in seconds. */
const clockSkew = 300;

/**
 * Reads a report that {@link writeReportFile} wrote in another run, possibly as another user.
 * @throws UserError if the file is missing, no report, a report of another instance, or too old
 */
export function readReportFile(path: string, options: ReportFileOptions): DriftReport {
  const { maxAge, instance, now = new Date() } = options;
  const report = parsed(path, readText(path));
  if (instance !== undefined && report.instance !== instance)
    throw unusable(path, `a report of the instance ${report.instance}`, `one of the instance ${instance}`);
  const age = (now.getTime() - Date.parse(report.started) - report.durationMs) / 1000;
  if (age > maxAge || age < -clockSkew) {
    throw unusable(
      path,
      `a report of ${report.started}; now it is ${now.toISOString()}`,
      `one of the last ${describeDuration(maxAge)} (--max-age)`,
      "See on the host why the timer wrote none: systemctl status openclaw-drift.timer openclaw-drift.service",
    );
  }
  return report;
}

function readText(path: string): string {
  try {
    // Opening a pipe without a writer would block forever.
    return closing(openSync(path, constants.O_RDONLY | constants.O_NONBLOCK), (handle) => {
      const entry = fstatSync(handle);
      if (!entry.isFile() || entry.size > longest.catalogue)
        throw unusable(path, entry.isFile() ? `${entry.size} bytes` : "no plain file");
      return readFileSync(handle, "utf8");
    });
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw unusable(path, (error as NodeJS.ErrnoException).code ?? String(error));
  }
}

function parsed(path: string, text: string): DriftReport {
  try {
    return driftReport.parse(JSON.parse(text));
  } catch (error) {
    throw unusable(path, error instanceof SyntaxError ? "text that is not JSON" : "JSON of another shape");
  }
}

function unusable(
  path: string,
  got: string,
  expected = "a report that `openclaw-openrouter drift --report FILE` wrote",
  fix = `On the host, as the user who deployed: openclaw-openrouter drift --report ${quote(path)}`,
): UserError {
  return new UserError({ problem: `The report ${path} cannot be used.`, got, expected, fix });
}
