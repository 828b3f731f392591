import type { Command } from "commander";
import { commandsOf, findCommand } from "../../lib/cli/command";
import { isGroup, visibleOptions } from "../../lib/cli/help";

/** A command of ours that a text names. */
export interface NamedCommand {
  /** The line that it stands in, from 1. */
  readonly line: number;
  /** As written. */
  readonly text: string;
  /** The words of the command that was found. */
  readonly path: string;
  /** What is wrong with it. */
  readonly problems: readonly string[];
}

/**
 * What stands behind the program's name where a text means a command: words of a command, then options. A word that may be prose
 * counts as one of the command's only while it is one, or right behind a group.
 */
const named = /(?<![\w/.@-])openclaw-openrouter((?: [^\s`"')|;,]+)+)/g;

/** What follows the name in prose and in a shell, and is none of ours. */
const prose = /^(needs|runs|wrote|reads|on|is|and|hosts|of|app|itself|alone)$/;

/** The commands of ours that a text names, each with what is wrong with it. */
export function commandsIn(text: string, program: Command): NamedCommand[] {
  return text.split("\n").flatMap((line, at) =>
    [...line.matchAll(named)].flatMap(([whole, behind = ""]) => {
      const words = behind
        .replace(/\\n.*$/, "")
        .trim()
        .split(" ");
      if (!/^[a-z]/.test(words[0] ?? "") || prose.test(words[0]!)) return [];
      return [{ line: at + 1, text: whole, ...judge(words, program) }];
    }),
  );
}

/** Commands and options of other programs that a page names like ours: Vault's, OpenClaw's, Docker's, sudo's and so on. */
const foreign =
  /^(vault (operator|policy|server|token) ?|doctor --fix$|--(check|ephemeral|no-same-owner|preserve-env|profile)$|-(c|chdir|mod|v)\b)/;

/** What inline code names without the program's name, as in `drift --fix` or `--keep N`, each with what is wrong with it. */
export function shortCommandsIn(text: string, program: Command): NamedCommand[] {
  const commands = [program, ...commandsOf(program)];
  const options = commands.flatMap((command) =>
    visibleOptions(command).flatMap(({ short, long }) => [short, long]),
  );
  const prose = text.replace(/^ *```[\s\S]*?^ *```/gm, (block) => block.replace(/[^\n]/g, ""));
  return [...prose.matchAll(/`([^`]+)`/g)].flatMap(({ 1: code = "", index }): NamedCommand[] => {
    const words = code.trim().split(/\s+/);
    const [first = ""] = words;
    const place = { line: prose.slice(0, index).split("\n").length, text: code };
    if (foreign.test(words.join(" "))) return [];
    if (program.commands.some((command) => command.name() === first))
      return [{ ...place, ...judge(words, program) }];
    const [option] = optionsOf([first]);
    if (option === undefined) return [];
    const problems = options.includes(option) ? [] : [`no command has an option ${option}`];
    return [{ ...place, path: "", problems }];
  });
}

function judge(words: readonly string[], program: Command): Pick<NamedCommand, "path" | "problems"> {
  let length = 0;
  while (words[length] !== undefined && findCommand(program, words.slice(0, length + 1))) length += 1;
  const path = words.slice(0, length).join(" ");
  const command = length > 0 ? findCommand(program, words.slice(0, length))! : program;
  const next = words[length];
  const mayBeCommand = next !== undefined && /^[a-z][a-z-]*$/.test(next);
  if (mayBeCommand && (length === 0 || isGroup(command)))
    return { path, problems: [`no command ${[path, next].filter(Boolean).join(" ")}`] };
  const known = visibleOptions(command).flatMap(({ short, long }) => [short, long]);
  const problems = optionsOf(words.slice(length))
    .filter((option) => !known.includes(option))
    .map((option) => `${path} has no option ${option}`);
  return { path, problems };
}

/** The options among the words that follow a command, to where a placeholder's text begins. */
function optionsOf(words: readonly string[]): string[] {
  return words.flatMap((word) => /^--?[a-z][\w-]*/.exec(word)?.[0] ?? []);
}
