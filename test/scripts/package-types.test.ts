import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { scratchFolder } from "../support/folder";

const script = pathToFileURL(resolve(__dirname, "../../scripts/package-types.mjs"));

test("a file that names Zod only in its code keeps the types that tsc wrote, and their imports", () => {
  const root = scratchFolder();
  const write = (path: string, text: string) => writeFileSync(join(root, path), text);
  for (const folder of ["lib", "dist/lib"]) mkdirSync(join(root, folder), { recursive: true });
  const compilerOptions = { rootDir: "lib", outDir: "dist/lib", noLib: true, types: [], declaration: true };
  write("tsconfig.package.json", JSON.stringify({ compilerOptions, files: ["lib/props.ts"] }));
  write("lib/size.ts", "export type Size = 1 | 2;\n");
  const types =
    'import type { Size } from "./size";\nexport interface Props {\n    readonly size: Size;\n}\n';
  write("lib/props.ts", `import type { z } from "zod";\n${types}function own(issue: z.Issue) {}\n`);
  write("dist/lib/size.d.ts", "export type Size = 1 | 2;\n");
  write("dist/lib/props.d.ts", types);
  const code = `import { writeOutTypes } from "${script}"; writeOutTypes(process.argv[1]);`;
  execFileSync(process.execPath, ["--input-type=module", "-e", code, root]);
  expect(readFileSync(join(root, "dist/lib/props.d.ts"), "utf8")).toBe(types);
});
