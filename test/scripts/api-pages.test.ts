import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { apiFolder, writeApiPages } from "../../scripts/api-pages";
import { scratchFolder } from "../support/folder";

function pages(folder: string): Record<string, string> {
  const names = readdirSync(folder, { recursive: true, encoding: "utf8" }).filter((name) =>
    name.endsWith(".md"),
  );
  return Object.fromEntries(names.sort().map((name) => [name, readFileSync(join(folder, name), "utf8")]));
}

test("the committed pages are what the doc comments say; else run `npm run generate`", async () => {
  const folder = scratchFolder();
  await writeApiPages(folder);
  const written = pages(folder);
  expect(Object.keys(written)).toContain("classes/VaultServer.md");
  expect(pages(apiFolder)).toEqual(written);
}, 300_000);
