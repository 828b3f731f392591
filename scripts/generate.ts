import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { say } from "../lib/cli/output";
import { buildProgram } from "../lib/cli/program";
import { generatedSettingsFiles } from "../lib/config/docs";
import { reportSchemaFiles } from "../lib/report/json-schemas";
import { readResults } from "../test/hosts/results";
import { compatibilityPage, writeTable } from "../test/hosts/write-table";
import { commandPages } from "./command-pages";

/**
 * Writes the files that are generated from schemas, commands and doc comments into the working directory: run it in the
 * project's root.
 */
export async function main(): Promise<void> {
  for (const [path, text] of Object.entries({
    ...generatedSettingsFiles(),
    ...reportSchemaFiles(),
    ...commandPages(buildProgram()),
  })) {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text);
    say(`wrote ${path}`);
  }
  writeTable(readResults());
  say(`wrote the table of ${compatibilityPage}`);
  const { apiFolder, writeApiPages } = await import("./api-pages");
  await writeApiPages(apiFolder);
  say(`wrote ${apiFolder}`);
}
