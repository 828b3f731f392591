import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { copySources } from "../../lib/bundle/sources";
import { scratchFolder } from "../support/folder";

test.each(["clone", "dist"])("a clone in a folder named %s is copied without what is not in Git", (name) => {
  const folder = scratchFolder();
  const root = join(folder, name);
  for (const part of ["lib", "dist"]) {
    mkdirSync(join(root, part), { recursive: true });
    writeFileSync(join(root, part, "file"), "");
  }
  const copy = copySources(root, join(folder, "copy"));
  expect(existsSync(join(copy, "lib/file"))).toBe(true);
  expect(existsSync(join(copy, "dist"))).toBe(false);
});
