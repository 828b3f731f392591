import { z } from "zod";

export interface SchemaHead {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** The JSON Schema of a report, as a file's text. */
export function jsonSchemaText(report: z.ZodType, { id, title, description }: SchemaHead): string {
  const { $schema, ...schema } = z.toJSONSchema(report);
  const whole = { $schema, $id: id, title, description, ...schema };
  // The formatter of this project writes short lists in one line.
  const text = JSON.stringify(whole, null, 2).replace(/\[\s+("[^\]]*?")\s+\]/g, (list, items: string) => {
    const line = `[${items.replace(/\s*\n\s*/g, " ")}]`;
    return line.length < 90 ? line : list;
  });
  return `${text}\n`;
}
