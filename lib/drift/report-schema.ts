import { jsonSchemaText } from "../report/schema-text";
import { driftReport } from "./report";

/** The path of the schema in the project. */
export const driftSchemaFile = "docs/drift-report.schema.json";

/** The JSON Schema of the output of `drift --json`, as the text of a file. */
export function driftJsonSchema(): string {
  return jsonSchemaText(driftReport, {
    id: "drift-report.schema.json",
    title: "Report of openclaw-openrouter's drift",
    description:
      "The output of `openclaw-openrouter drift --json`; with `--all`, a list of reports in `instances` and of failures in `failed`.",
  });
}
