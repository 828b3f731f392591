import { z } from "zod";
import { formattedJson } from "../core/text";

export interface SchemaHead {
  readonly id: string;
  readonly title: string;
  readonly description: string;
}

/** The JSON Schema of a report, as the text of a file. */
export function jsonSchemaText(report: z.ZodType, { id, title, description }: SchemaHead): string {
  const { $schema, ...schema } = z.toJSONSchema(report);
  return formattedJson({ $schema, $id: id, title, description, ...schema });
}
