import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { generatedSettingsFiles } from "../lib/settings-docs";

// Writes what is generated from lib/settings.ts into the working directory, which is to be the project's root.
for (const [path, text] of Object.entries(generatedSettingsFiles())) {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
  process.stderr.write(`wrote ${path}\n`);
}
