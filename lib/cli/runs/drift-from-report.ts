import { wrongUsage } from "../../core/errors";
import type { ExitCode } from "../../core/exit-codes";
import { driftExitCode, renderDriftJunit, renderDriftMarkdown, renderDriftReport } from "../../drift";
import { readReportFile } from "../../drift/report-file";
import { terminal } from "../../report/terminal";
import type { DriftOptions } from "../options/drift-options";
import { printJson, say } from "../output";
import { writeReportFiles } from "../report-output";

/** The options that `--from-report` allows: all others are about inspecting, and this run inspects nothing. */
const fitting = ["fromReport", "instance", "json", "junit", "markdown", "maxAge"];

/**
 * Shows the report of another run with `--report`. Needs only read access to that file.
 * @param given the names of the given options
 */
export async function driftFromReport(
  options: DriftOptions & { readonly fromReport: string },
  given: readonly string[],
): Promise<ExitCode> {
  const others = given.filter((name) => !fitting.includes(name));
  if (others.length > 0) {
    throw wrongUsage({
      problem: "--from-report shows the result of an earlier run: it inspects nothing.",
      got: `--from-report beside --${others.join(", --")}`,
      expected: "--json, --junit, --markdown, --instance, --max-age",
    });
  }
  const { fromReport, instance, maxAge } = options;
  const report = readReportFile(fromReport, { maxAge, ...(instance ? { instance } : {}) });
  if (options.json) printJson(report);
  say(renderDriftReport(report, terminal()));
  writeReportFiles(options, {
    junit: () => renderDriftJunit([report]),
    markdown: () => renderDriftMarkdown(report),
  });
  return driftExitCode(report);
}
