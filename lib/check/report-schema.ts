import { jsonSchemaText } from "../report/schema-text";
import { checkReport } from "./report";

/** Where the schema lies in the project. */
export const reportSchemaFile = "docs/check-report.schema.json";

/** The JSON Schema of what `check --json` prints, as a file's text. */
export function reportJsonSchema(): string {
  return jsonSchemaText(checkReport, {
    id: "check-report.schema.json",
    title: "Report of openclaw-openrouter's check",
    description: "What `openclaw-openrouter check --json` prints.",
  });
}
