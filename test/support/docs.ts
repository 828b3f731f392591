import { readdirSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "commander";

export const root = resolve(__dirname, "../..");

/** A block of a page that shows a terminal. */
export interface ConsoleBlock {
  readonly page: string;
  /** Of its first line, from 1. */
  readonly line: number;
  readonly commands: readonly string[];
  /** What the page says that the commands print. */
  readonly output: readonly string[];
  /** Why no test runs it, as the comment above it says. */
  readonly notRun?: string;
}

/** The pages that people write, by path. Those below docs/api and of single commands are made from the program itself. */
export function writtenPages(): string[] {
  const inFolder = (folder: string) =>
    readdirSync(join(root, folder))
      .filter((name) => name.endsWith(".md"))
      .map((name) => join(folder, name));
  const examples = readdirSync(join(root, "examples")).map((name) => join("examples", name, "README.md"));
  return ["README.md", "CONTRIBUTING.md", "SECURITY.md", ...inFolder("docs"), ...examples];
}

export function readPage(page: string): string {
  return readFileSync(join(root, page), "utf8");
}

/** Every block of a page that shows a terminal. */
export function consoleBlocks(page: string, text = readPage(page)): ConsoleBlock[] {
  const lines = text.split("\n").map((line) => line.trim());
  return lines.flatMap((fence, at) => {
    if (fence !== "```console") return [];
    const body = lines.slice(at + 1, lines.indexOf("```", at + 1));
    // A page for root shows root's prompt, which is a comment's sign elsewhere.
    const prompt = body.some((line) => line.startsWith("$ ")) ? "$ " : "# ";
    const commands: string[] = [];
    const output: string[] = [];
    for (const [index, line] of body.entries()) {
      if (line.startsWith(prompt)) commands.push(line.slice(prompt.length));
      else if (body[index - 1]?.endsWith("\\")) commands.push(`${commands.pop()}\n${line}`);
      else output.push(line);
    }
    const notRun = /^<!-- not run: (\S.*) -->$/.exec(lines[at - 1] ?? "")?.[1];
    return [{ page, line: at + 1, commands, output, ...(notRun ? { notRun } : {}) }];
  });
}

/** The words of each call of the program in a line of shell, of npm's scripts for it as well. */
export function programCalls(command: string): string[][] {
  return command
    .replace(/(^|\s)# .*/g, "")
    .split(/\||&&|;|\$\(|\n/)
    .map((part) =>
      part
        .replace(/\s\d?[<>].*/, "")
        .replace(/\)+$/, "")
        .trim()
        .split(/\s+/),
    )
    .flatMap(([name = "", ...words]) => {
      if (/(^|\/)openclaw-openrouter(\.mjs)?$/.test(name)) return [words];
      if (name !== "npm") return [];
      const script = words[0] === "run" ? (words[1] ?? "") : (words[0] ?? "");
      const started = scripts()[script]?.match(/openclaw-openrouter\.mjs (.*)$/)?.[1];
      const given = words.includes("--") ? words.slice(words.indexOf("--") + 1) : [];
      return started ? [[...started.split(" "), ...given]] : [];
    });
}

function scripts(): Record<string, string> {
  return JSON.parse(readPage("package.json")).scripts;
}

/** What a clone's launcher takes besides the program's commands. */
const development = ["test", "bench", "generate"];

/** @returns what is wrong with a call of the program; undefined if the program takes it */
export function problemOfCall(program: Command, words: readonly string[]): string | undefined {
  if (development.includes(words[0] ?? "")) return undefined;
  let command = program;
  let rest = [...words];
  for (;;) {
    const next = command.commands.find((each) => each.name() === rest[0]);
    if (!next) break;
    command = next;
    rest = rest.slice(1);
  }
  const operands: string[] = [];
  while (rest.length > 0) {
    const [word = "", ...after] = rest;
    rest = after;
    if (!word.startsWith("-")) {
      operands.push(word);
      continue;
    }
    const flag = word.split("=")[0] ?? "";
    const option = command.options.find(({ short, long }) => [short, long].includes(flag));
    if (!option && !["--help", "--version", "-h"].includes(flag))
      return `no option ${flag} in: ${words.join(" ")}`;
    const takesNext = option?.required || (option?.optional && rest[0] && !rest[0].startsWith("-"));
    if (takesNext && !word.includes("=")) rest = rest.slice(1);
  }
  const taken = command.registeredArguments;
  const most = taken.some(({ variadic }) => variadic) ? Number.POSITIVE_INFINITY : taken.length;
  const given = operands.filter((word) => word !== "…");
  if (given.length > most) return `no command ${given[0]} in: ${words.join(" ")}`;
  return undefined;
}

/** The commands that a person may run, each with the names of its groups: `key rotate`. */
export function commandPaths(command: Command, path: readonly string[] = []): string[] {
  const visible = command
    .createHelp()
    .visibleCommands(command)
    .filter((each) => each.name() !== "help");
  if (visible.length === 0) return [path.join(" ")];
  return visible.flatMap((each) => commandPaths(each, [...path, each.name()]));
}

/** The relative links of a page: what they lead to, without code. */
export function links(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, "").replace(/`[^`\n]*`/g, "");
  return [...prose.matchAll(/\]\(([^)\s]+)\)/g)]
    .map(([, target = ""]) => target)
    .filter((target) => !/^[a-z]+:/.test(target));
}

/** The anchors of a page's headings, as GitHub makes them. */
export function anchors(text: string): string[] {
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, "");
  const seen = new Map<string, number>();
  return [...prose.matchAll(/^#{1,6} +(.*)$/gm)].map(([, heading = ""]) => {
    const slug = heading
      .trim()
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\s_-]/gu, "")
      .replace(/\s/g, "-");
    const times = seen.get(slug) ?? 0;
    seen.set(slug, times + 1);
    return times === 0 ? slug : `${slug}-${times}`;
  });
}
