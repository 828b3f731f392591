import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/core/system/package-root";

export const root = packageRoot();

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

/** A line of shell in which npm's scripts for the program are the program's own commands. */
export function withoutNpm(command: string): string {
  return command
    .replace(/(^|\s)# .*/g, "")
    .replace(/\bnpm (?:run )?([\w:]+)( -- ?)?/g, (whole, script: string, given?: string) => {
      const started = /openclaw-openrouter\.mjs (\w+)$/.exec(scripts()[script] ?? "")?.[1];
      const isCommand = started !== undefined && !development.includes(started);
      return isCommand ? `openclaw-openrouter ${started}${given ? " " : ""}` : whole;
    });
}

/** What a clone's launcher takes besides the program's commands. */
const development = ["test", "hosts", "bench", "generate"];

function scripts(): Record<string, string> {
  return JSON.parse(readPage("package.json")).scripts;
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
