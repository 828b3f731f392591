import { jsonSchemaText } from "../report/schema-text";
import { driftReport } from "./report";

/** Where the schema lies in the project. */
export const driftSchemaFile = "docs/drift-report.schema.json";

/** The JSON Schema of what `drift --json` prints, as a file's text. */
export function driftJsonSchema(): string {
  return jsonSchemaText(driftReport, {
    id: "drift-report.schema.json",
    title: "Report of openclaw-openrouter's drift",
    description:
      "What `openclaw-openrouter drift --json` prints; with `--all`, a list of them in `instances`, and of what failed in `failed`.",
  });
}
