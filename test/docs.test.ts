import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { dirname, join, normalize } from "node:path";
import { commandsOf, pathOf } from "../lib/cli/command";
import { isGroup } from "../lib/cli/help";
import { buildProgram } from "../lib/cli/program";
import { checkIds } from "../lib/config/check-ids";
import { probes } from "../lib/drift/probes";
import { commandsIn, shortCommandsIn } from "./support/commands-in-text";
import { anchors, consoleBlocks, links, readPage, root, withoutNpm, writtenPages } from "./support/docs";

const pages = [...writtenPages(), "CHANGELOG.md"];
const program = buildProgram();

describe("README.md", () => {
  const lines = readPage("README.md").trimEnd().split("\n");

  test("stays short: 170 lines of at most 120 columns", () => {
    expect(lines.length).toBeLessThanOrEqual(170);
    expect(lines.filter((line) => line.length > 120)).toEqual([]);
  });

  test("names every command", () => {
    const names = [...readPage("README.md").matchAll(/`([^`\n]+)`/g)].map(([, code = ""]) => code);
    const isNamed = (path: string) => names.some((code) => code === path || code.startsWith(`${path} `));
    const paths = commandsOf(program)
      .filter((command) => !isGroup(command) && (command.parent === program || isGroup(command.parent!)))
      .map(pathOf);
    expect(paths.filter((path) => path !== "help" && !isNamed(path))).toEqual([]);
  });

  test("shows a run in eight to twelve lines", () => {
    const [first] = consoleBlocks("README.md").filter(({ output }) => output.length > 0);
    expect(first?.commands).toEqual(["npm start"]);
    const shown = (first?.output.length ?? 0) + 1;
    expect(shown).toBeGreaterThanOrEqual(8);
    expect(shown).toBeLessThanOrEqual(12);
  });
});

test("docs/README.md leads to every page", () => {
  const led = links(readPage("docs/README.md")).map((target) =>
    normalize(join("docs", target.split("#")[0] ?? "")),
  );
  const written = pages.filter((page) => /^docs\/|^examples\//.test(page) && page !== "docs/README.md");
  expect(written.filter((page) => !led.includes(page))).toEqual([]);
});

test("what root unpacks on a page is root's, not the uid's of who packed it, which a user of the host can have", () => {
  const unpacking = pages.flatMap((page) => readPage(page).match(/^# .*\btar -x.*$/gm) ?? []);
  expect(unpacking.length).toBeGreaterThan(0);
  expect(unpacking.filter((line) => !line.includes("--no-same-owner"))).toEqual([]);
});

test("docs/check.md tells what each line of the check means", () => {
  const page = readPage("docs/check.md");
  expect(checkIds.filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
});

test("docs/drift.md tells what each probe compares", () => {
  const page = readPage("docs/drift.md");
  expect(probes.map(({ id }) => id).filter((id) => !page.includes(`\`${id}\``))).toEqual([]);
});

test("docs/troubleshooting.md has an entry for each id that a line of the check or an alert begins with", () => {
  const page = readPage("docs/troubleshooting.md");
  // What differs from case to case is an ellipsis there.
  const alerts = readPage("docs/alerts.md").match(/^\| `[a-z]+\.[a-z][^|\n]+/gm) ?? [];
  const ids = alerts.flatMap((cell) => cell.match(/[a-z]+\.[a-z0-9-]+/g) ?? []);
  expect(ids.length).toBeGreaterThan(15);
  const all = [...checkIds, ...ids.map((id) => id.replace(/^spending\..*/, "spending."))];
  expect(all.filter((id) => !page.includes(`\`${id}`))).toEqual([]);
});

test("docs/troubleshooting.md quotes what the program says", () => {
  const firstCells = readPage("docs/troubleshooting.md").match(/^\| [^|\n]+/gm) ?? [];
  const quoted = firstCells.flatMap((cell) => [...cell.matchAll(/`([^`]+)`/g)].map(([, text = ""]) => text));
  // What stands in for a name or a number is an ellipsis, in the page as in the source.
  const source = sources(join(root, "lib"))
    .replace(/\$\{[^}]*\}/g, "…")
    .replace(/"\s*\+\s*"/g, "");
  expect(quoted.length).toBeGreaterThan(40);
  const parts = quoted.flatMap((text) => text.split("…")).map((part) => part.trim());
  expect(parts.filter((part) => !source.includes(part))).toEqual([]);
});

test("a page that a text of the program names is there", () => {
  const named = new Set(sources(join(root, "lib")).match(/\b(docs|examples)\/[\w/-]+\.(md|json)\b/g));
  expect(named.size).toBeGreaterThan(8);
  expect([...named].filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

test("examples/ansible names variables that its role has", () => {
  const folder = join(root, "examples/ansible");
  const read = (path: string) => readFileSync(join(folder, path), "utf8");
  const has = read("roles/openclaw_host/defaults/main.yml");
  const named = ["site.yml", "evict.yml", "inventory.yml", "README.md"].flatMap(
    (path) => read(path).match(/\bopenclaw_\w+/g) ?? [],
  );
  expect(named.filter((name) => name !== "openclaw_host" && !has.includes(`${name}:`))).toEqual([]);
});

function sources(folder: string): string {
  return readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".ts"))
    .map((name) => readFileSync(join(folder, name), "utf8"))
    .join("\n");
}

/** What inline code names that must be somewhere: options of the settings and ids of findings, variables, files. */
const somewhere =
  /^(((vault|openrouter|models|openclaw|check|budget|hosts|rotation|sandbox|terraform)\.[a-z]\w+|OPENCLAW_OPENROUTER_\w+)|(lib|test|scripts|docs|examples)\/[\w./-]+)$/;
/** Files of others, or of an instance. */
const notOurs = /\.(json|tfstate)$/;
const told = `${readPage("docs/settings.md")}${sources(join(root, "lib"))}`;

function isThere(name: string): boolean {
  return name.includes("/") ? existsSync(join(root, name)) : told.includes(name);
}

describe.each(pages)("%s", (page) => {
  const text = readPage(page);
  const blocks = consoleBlocks(page, text);

  test("has no link that leads nowhere", () => {
    expect(links(text).filter((target) => !leadsSomewhere(page, target))).toEqual([]);
  });

  test("shows commands that there are, with options that they take", () => {
    const named = [...commandsIn(withoutNpm(text), program), ...shortCommandsIn(text, program)];
    expect(named.filter(({ problems }) => problems.length > 0)).toEqual([]);
  });

  test("names options, ids, variables and files that there are", () => {
    const code = [...text.matchAll(/`([^`\n]+)`/g)].map(([, name = ""]) => name);
    const named = code.filter((name) => somewhere.test(name) && !notOurs.test(name));
    expect(named.filter((name) => !isThere(name))).toEqual([]);
  });

  test("has only blocks that are run (test/e2e/docs.test.ts) or say why not", () => {
    const mayRun = /^(README\.md|docs\/[^/]+\.md)$/.test(page);
    const unclear = blocks.filter(
      ({ commands, notRun }) => notRun === undefined && (!mayRun || commands.length === 0),
    );
    expect(unclear.map(({ line }) => `${page}:${line}`)).toEqual([]);
  });
});

test("a test that a reason names is there", () => {
  const named = pages
    .flatMap((page) => consoleBlocks(page))
    .flatMap(({ notRun = "" }) => notRun.match(/\b(test|docs)\/[\w./-]+\.\w+/g) ?? []);
  expect(named.length).toBeGreaterThan(5);
  expect(named.filter((path) => !existsSync(join(root, path)))).toEqual([]);
});

function leadsSomewhere(page: string, target: string): boolean {
  const [path = "", anchor] = target.split("#");
  const file = path === "" ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return false;
  if (anchor === undefined) return true;
  return statSync(file).isFile() && anchors(readPage(file.slice(root.length + 1))).includes(anchor);
}

describe("what these tests go by", () => {
  test("npm's scripts are the program's commands", () => {
    expect(withoutNpm("npm start -- --instance default   # asks")).toMatch(
      /^openclaw-openrouter up --instance default *$/,
    );
    expect(withoutNpm("npm run check")).toBe("openclaw-openrouter check");
    expect(withoutNpm("npm test && npm install")).toBe("npm test && npm install");
  });

  test("inline code: a command or an option without the program's name", () => {
    const problems = (text: string) => shortCommandsIn(text, program).flatMap((named) => named.problems);
    expect(problems("`drift --fix`, `--keep N`, `vault operator init`, `vault unseal`")).toEqual([]);
    expect(problems("`drift\n--fx` or `key rotat` with `--kep`; ```console\n```")).toEqual([
      "drift has no option --fx",
      "no command key rotat",
      "no command has an option --kep",
    ]);
  });

  test("a block: commands, output, the reason above it", () => {
    const text =
      "<!-- not run: takes long -->\n```console\n$ a \\\n  b\nprinted\n$ c\n```\n\n```console\n# d\n```";
    expect(consoleBlocks("page", text)).toEqual([
      { page: "page", line: 2, commands: ["a \\\nb", "c"], output: ["printed"], notRun: "takes long" },
      { page: "page", line: 9, commands: ["d"], output: [] },
    ]);
  });

  test("anchors and links", () => {
    expect(anchors("# The setup guide's `x`\n## A, b: c\n## A, b: c\n")).toEqual([
      "the-setup-guides-x",
      "a-b-c",
      "a-b-c-1",
    ]);
    expect(links("[a](b.md#c) `[d](e)` <https://x> [f](https://y)")).toEqual(["b.md#c"]);
  });
});
