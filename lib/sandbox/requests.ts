import type { z } from "zod";
import { Refusal } from "./answers";

/** The body of a request. @throws {Refusal} 400 */
export function parseBody<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw new Refusal(400, `${issue?.path.join(".") || "body"}: ${issue?.message}`);
}

/** The number of entries on a page of a list. */
const pageLength = 100;

/** The page of a list that a query asks for. */
export function pageOf<T>(list: readonly T[], query: URLSearchParams): readonly T[] {
  const offset = Number(query.get("offset") ?? 0);
  return list.slice(offset, offset + pageLength);
}
