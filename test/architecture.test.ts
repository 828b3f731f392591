import { readdirSync, readFileSync } from "node:fs";
import { dirname, join, normalize, relative, sep } from "node:path";

/** The folders of `lib`, from what the others stand on up to what a person uses. Each may import what stands below it. */
const rows = [
  ["core"],
  ["config"],
  ["model"],
  ["constructs"],
  ["docker", "store", "openrouter", "sandbox", "host", "stacks"],
  ["vault", "openclaw", "bundle", "report"],
  ["terraform"],
  ["session"],
  ["backup", "drift", "check"],
  ["operations"],
  ["cli"],
] as const;

/** A declaration knows no running system: these import each other and what stands below the constructs. */
const declaring = ["constructs", "stacks"];

/** A file each, and one that lists them: a command, a check, a probe. */
const lists = ["cli/commands", "check/checks", "drift/probes"];

const root = join(__dirname, "../lib");
const files = readdirSync(root, { withFileTypes: true, recursive: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts"))
  .map((entry) => relative(root, join(entry.parentPath, entry.name)));
const known: ReadonlySet<string> = new Set(files);
const imports = new Map(files.map((file) => [file, importsOf(file)]));

test("every folder of lib has its row", () => {
  const folders = new Set(files.map(folderOf).filter((folder) => folder !== ""));
  expect([...folders].sort()).toEqual(rows.flat().sort());
});

test("no file imports from above its folder, or from another folder of its row", () => {
  const wrong = arrows().filter(({ from, to }) => from !== to && rowOf(to) >= rowOf(from));
  expect(wrong.map(({ arrow }) => arrow)).toEqual([]);
});

test("what declares knows model, config and core alone", () => {
  const found = arrows().filter(
    ({ from, to }) => declaring.includes(from) && ![...declaring, "model", "config", "core"].includes(to),
  );
  expect(found.map(({ arrow }) => arrow)).toEqual([]);
});

test("no folder has more than 25 files, but for flat lists of one kind", () => {
  const folders = files.map((file) => dirname(file));
  const large = folders.filter((folder) => folders.filter((other) => other === folder).length > 25);
  expect([...new Set(large)].filter((folder) => !lists.includes(folder))).toEqual([]);
});

test("no files import each other in a circle", () => {
  expect(files.map((file) => circleFrom(file)).find(Boolean)).toBeUndefined();
});

/** All imports between folders of `lib`; its entry point, which exports from several, has none. */
function arrows(): { from: string; to: string; arrow: string }[] {
  return files.flatMap((file) =>
    (imports.get(file) ?? [])
      .map((target) => ({ from: folderOf(file), to: folderOf(target), arrow: `${file} → ${target}` }))
      .filter(({ from, to }) => from !== "" && to !== ""),
  );
}

function folderOf(file: string): string {
  return file.includes(sep) ? (file.split(sep)[0] ?? "") : "";
}

function rowOf(folder: string): number {
  return rows.findIndex((row) => (row as readonly string[]).includes(folder));
}

/** The files of `lib` that a file imports, also those that it imports once they are needed, and types. */
function importsOf(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  const specifiers = [...text.matchAll(/(?:\bfrom\s+|\bimport\s*\(\s*|^import\s+)"(\.[^"]*)"/gm)].map(
    ([, path = ""]) => path,
  );
  return specifiers.flatMap((specifier) => {
    const path = normalize(join(dirname(file), specifier));
    return [`${path}.ts`, join(path, "index.ts")].filter((candidate) => known.has(candidate)).slice(0, 1);
  });
}

/** A way from a file back to itself. */
function circleFrom(start: string): string[] | undefined {
  const seen = new Set<string>();
  const walk = (file: string, way: readonly string[]): string[] | undefined => {
    for (const next of imports.get(file) ?? []) {
      if (next === start) return [...way, next];
      if (seen.has(next)) continue;
      seen.add(next);
      const found = walk(next, [...way, next]);
      if (found) return found;
    }
    return undefined;
  };
  return walk(start, [start]);
}
