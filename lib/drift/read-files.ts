import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { type ParseError, parse } from "jsonc-parser";
import type { z } from "zod";
import { wrongUsage } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import { type Baseline, baseline } from "./baseline";
import { type IgnoreFile, ignoreFile } from "./ignore";

/** @throws UserError (wrong usage) if the file is no report of `drift --json` */
export function readBaseline(path: string): Baseline {
  return read(path, baseline, "a report from `drift --json`");
}

/** The ignore file in the instance directory, read by default. */
const ignoreFileName = "drift-ignore.json";

/**
 * @param named `--ignore`
 * @returns undefined if none is named and the instance directory has none
 * @throws UserError (wrong usage) if the file does not have the form of an ignore file
 */
export function readIgnoreFile(named: string | undefined, home: HomePaths): IgnoreFile | undefined {
  const inHome = join(home.root, ignoreFileName);
  const path = named ?? (existsSync(inHome) ? inHome : undefined);
  if (path === undefined) return undefined;
  const form = '{"ignore": [{"id": "container.memory", "reason": "…", "until": "2027-01-31"}]}';
  return { ...read(path, ignoreFile, form), path };
}

function read<T extends z.ZodType>(path: string, schema: T, expected: string): z.output<T> {
  const wrong = (got: string) => wrongUsage({ problem: `${path} cannot be used.`, got, expected });
  let text: string;
  try {
    text = readFileSync(path, "utf8");
  } catch (error) {
    throw wrong((error as NodeJS.ErrnoException).code ?? String(error));
  }
  const errors: ParseError[] = [];
  const value: unknown = parse(text, errors, { allowTrailingComma: true });
  if (errors.length > 0) throw wrong("text that is not JSON");
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const [issue] = result.error.issues;
  throw wrong(`${issue?.path.join(".") || "the whole file"}: ${issue?.message}`);
}
