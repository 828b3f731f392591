import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { createContext, runInContext } from "node:vm";
import fc from "fast-check";
import ts from "typescript";

/** A regular expression that stands in the sources. */
export interface FoundRegExp {
  /** As it stands there, such as `/a+/g`. */
  readonly text: string;
  readonly file: string;
}

/** Every literal of a regular expression in the program's sources. */
export function regExpsOf(folders: readonly string[]): FoundRegExp[] {
  return folders.flatMap((folder) =>
    readdirSync(folder, { withFileTypes: true, recursive: true })
      .filter((entry) => entry.isFile() && /\.c?[jt]s$/.test(entry.name))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name))
      .flatMap((file) => literals(file).map((text) => ({ text, file }))),
  );
}

function literals(file: string): string[] {
  const source = ts.createSourceFile(file, readFileSync(file, "utf8"), ts.ScriptTarget.Latest);
  const found: string[] = [];
  const visit = (node: ts.Node): void => {
    if (ts.isRegularExpressionLiteral(node)) found.push(node.text);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** Whether it has a quantifier without a small bound at all: one that has none looks at each place of a text once. */
export function canBeSlow({ text }: FoundRegExp): boolean {
  return /[*+]|\{\d+,\}/.test(text.replace(/\\./g, ""));
}

const signs = [" ", "a", "A", "0", "-", ".", "/", '"', "'", "\\", "[", "{", "<", "=", ":", "\n", "é"];

/** Texts that a pattern which goes back over what it read takes long for: what it begins with, again and again. */
export function hostileTexts({ text }: FoundRegExp, length: number): string[] {
  const pieces = new Set<string>(signs);
  for (const match of samples(text)) {
    for (let end = 1; end <= Math.min(match.length, 16); end++) pieces.add(match.slice(0, end));
  }
  // The last sign is one that nothing asks for: a pattern that came so far fails there, and goes back.
  return [...pieces].map((piece) => `${piece.repeat(Math.ceil(length / piece.length))}\0`);
}

/** Texts that it matches; none for a pattern that fast-check cannot turn around. */
function samples(text: string): string[] {
  const [, source = "", flags = ""] = /^\/(.*)\/([a-z]*)$/s.exec(text) ?? [];
  try {
    const plainFlags = flags.replace(/[gimsdy]/g, "");
    return fc.sample(
      fc.stringMatching(new RegExp(source.replace(/\(\?<?[=!].*?\)|\\b|[$^]/g, ""), plainFlags)),
      {
        numRuns: 1,
        seed: 1,
      },
    );
  } catch {
    return [];
  }
}

/** The processor's time that some work takes, in milliseconds: what else runs on the machine is not in it. */
export function processorTime(work: () => void): number {
  const before = process.cpuUsage();
  work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** One for all: to make a context takes longer than what most patterns do in it. */
const context = createContext({ hostile: "" });

/**
 * How often a pattern is tried at one place, as `replace` and `matchAll` do. It is ended after ten times as long by the clock.
 * @param milliseconds of the processor's time
 * @returns whether it came to its end in time
 */
export function endsInTime({ text }: FoundRegExp, hostile: string, milliseconds: number): boolean {
  const all = /\/[a-z]*g[a-z]*$/.test(text) ? text : `${text}g`;
  context.hostile = hostile;
  const isInTime = () => {
    try {
      const taken = processorTime(() =>
        runInContext(`hostile.replace(${all}, "")`, context, { timeout: 10 * milliseconds }),
      );
      return taken < milliseconds;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ERR_SCRIPT_EXECUTION_TIMEOUT") return false;
      throw error;
    }
  };
  // A collection of garbage counts as its time, too; a slow pattern is slow each time.
  return isInTime() || isInTime() || isInTime();
}
