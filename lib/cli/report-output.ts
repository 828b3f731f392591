import { appendFileSync } from "node:fs";
import { reasonOf, UserError } from "../core/errors";
import { requireReportPlace, writeReport } from "../report/write-report";
import type { ReportOptions } from "./options/options";
import { say } from "./output";

/**
 * Writes a report into the requested files, and into the job summary of GitHub Actions.
 * @throws UserError if a file cannot be written
 */
export function writeReportFiles(
  { junit, markdown }: ReportOptions,
  render: { readonly junit: () => string; readonly markdown: () => string },
): void {
  if (junit) writing(junit, () => writeReport(junit, render.junit()));
  if (markdown) writing(markdown, () => writeReport(markdown, render.markdown()));
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (summary) writing(summary, () => appendSummary(summary, `${render.markdown()}\n`));
}

/**
 * The runner's user made the file, and usually runs this. Root, as by `sudo -E`, appends to no file that this user chooses; a job
 * that runs as root all the same has its exit code and its other files.
 */
function appendSummary(path: string, text: string): void {
  try {
    if (process.geteuid?.() === 0) requireReportPlace(path);
  } catch (error) {
    say(`! The job summary is left out. ${reasonOf(error)}`);
    return;
  }
  appendFileSync(path, text);
}

function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    if (error instanceof UserError) throw error;
    throw new UserError({
      problem: `The report cannot be written to ${path}.`,
      got: (error as NodeJS.ErrnoException).code ?? String(error),
      fix: "Name a file in an existing, writable folder.",
    });
  }
}
