import { z } from "zod";
import { formattedJson } from "../core/text";
import { checkReport } from "./check-report";
import { driftReport } from "./drift-report";
import { errorReport } from "./error-report";
import { hostsReport } from "./hosts-report";

const reports = [
  {
    report: checkReport,
    $id: "check-report.schema.json",
    title: "Report of openclaw-openrouter's check",
    description: "What `openclaw-openrouter check --json` prints.",
  },
  {
    report: driftReport,
    $id: "drift-report.schema.json",
    title: "Report of openclaw-openrouter's drift",
    description:
      "The output of `openclaw-openrouter drift --json`; with `--all`, a list of reports in `instances` and of failures in `failed`.",
  },
  {
    report: hostsReport,
    $id: "hosts-report.schema.json",
    title: "Report of openclaw-openrouter on many hosts",
    description:
      "The output of `openclaw-openrouter check`, `drift` or `status` with `--hosts` and `--json`.",
  },
  {
    report: errorReport,
    $id: "error-report.schema.json",
    title: "Error of openclaw-openrouter",
    description: "The output of any command with `--json` that ends without its result.",
  },
];

/** The JSON Schemas of the reports: the path of each in the project, and its text. */
export function reportSchemaFiles(): Record<string, string> {
  return Object.fromEntries(
    reports.map(({ report, ...head }) => {
      const { $schema, ...schema } = z.toJSONSchema(report);
      return [`docs/${head.$id}`, formattedJson({ $schema, ...head, ...schema })];
    }),
  );
}
