import { readFileSync } from "node:fs";
import { join } from "node:path";
import { generatedSettingsFiles } from "../../lib/config/docs";
import { listOptions } from "../../lib/config/json-schema";

const root = join(__dirname, "../..");

test.each(Object.entries(generatedSettingsFiles()))(
  "%s is what lib/config/settings.ts generates",
  (path, text) => {
    // Stale? Run `npm run generate`.
    expect(readFileSync(join(root, path), "utf8")).toBe(text);
  },
);

test("the page of settings names every option", () => {
  const page = generatedSettingsFiles()["docs/settings.md"] ?? "";
  for (const [path] of listOptions()) expect(page).toContain(path.join("."));
});
