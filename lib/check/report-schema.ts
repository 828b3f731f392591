import { jsonSchemaText } from "../report/schema-text";
import { checkReport } from "./report";

/** The path of the schema in the project. */
export const reportSchemaFile = "docs/check-report.schema.json";

/** The JSON Schema of the output of `check --json`, as the text of a file. */
export function reportJsonSchema(): string {
  return jsonSchemaText(checkReport, {
    id: "check-report.schema.json",
    title: "Report of openclaw-openrouter's check",
    description: "What `openclaw-openrouter check --json` prints.",
  });
}
