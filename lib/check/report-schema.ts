import { z } from "zod";
import { checkReport } from "./report";

/** Where the schema lies in the project. */
export const reportSchemaFile = "docs/check-report.schema.json";

/** The JSON Schema of what `check --json` prints, as a file's text. */
export function reportJsonSchema(): string {
  const { $schema, ...schema } = z.toJSONSchema(checkReport);
  const whole = {
    $schema,
    $id: "check-report.schema.json",
    title: "Report of openclaw-openrouter's check",
    description: "What `npx openclaw-openrouter check --json` prints.",
    ...schema,
  };
  // The formatter of this project writes short lists in one line.
  const text = JSON.stringify(whole, null, 2).replace(/\[\s+("[^\]]*?")\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/\s*\n\s*/g, " ")}]`;
    return line.length < 90 ? line : list;
  });
  return `${text}\n`;
}
