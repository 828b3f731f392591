import { appendFileSync, writeFileSync } from "node:fs";
import { UserError } from "../core/errors";

export interface ReportFiles {
  /** The files of `--junit` and `--markdown`. */
  readonly junit: string | undefined;
  readonly markdown: string | undefined;
}

/**
 * Writes a report into the requested files, and into the job summary of GitHub Actions.
 * @throws UserError if a file cannot be written
 */
export function writeReportFiles(
  { junit, markdown }: ReportFiles,
  render: { readonly junit: () => string; readonly markdown: () => string },
): void {
  const summary = process.env.GITHUB_STEP_SUMMARY;
  if (junit) writing(junit, () => writeFileSync(junit, render.junit()));
  if (markdown) writing(markdown, () => writeFileSync(markdown, render.markdown()));
  if (summary) writing(summary, () => appendFileSync(summary, `${render.markdown()}\n`));
}

function writing(path: string, work: () => void): void {
  try {
    work();
  } catch (error) {
    throw new UserError({
      problem: `The report cannot be written to ${path}.`,
      got: (error as NodeJS.ErrnoException).code ?? String(error),
      fix: "Name a file in an existing, writable folder.",
    });
  }
}
