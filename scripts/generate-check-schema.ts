import { writeFileSync } from "node:fs";
import { reportJsonSchema, reportSchemaFile } from "../lib/check/report-schema";

// Writes the JSON Schema of the check's report into the working directory, which is to be the project's root.
writeFileSync(reportSchemaFile, reportJsonSchema());
process.stderr.write(`wrote ${reportSchemaFile}\n`);
