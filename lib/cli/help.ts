import { type Command, Help, type HelpConfiguration, type Option } from "commander";
import { ExitCode } from "../core/exit-codes";
import { wrap } from "../core/text";
import { commandsOf, pathOf } from "./command";
import { declaredOf } from "./define-command";
import { type HostPart, hostParts, variables } from "./environment";
import { examples, type HelpRow } from "./examples";
import { commonGroup } from "./options/options";

/** The parts of a command's help besides its options. */
interface CommandHelp {
  readonly examples: readonly HelpRow[];
  readonly exitCodes: readonly HelpRow[];
  readonly environment: readonly HelpRow[];
}

/** The order of options: a command's own, those on one subject, those that many commands have. */
const rank = ({ helpGroupHeading: group }: Option) =>
  group === undefined ? 0 : group === commonGroup ? 2 : 1;

/** How commander's own part of a help is made. */
export const helpConfiguration: HelpConfiguration = {
  visibleOptions: (command) =>
    new Help().visibleOptions(command).toSorted((one, other) => rank(one) - rank(other)),
  // The headings in the order of what is shown, not of what was defined.
  groupItems: (_defined, shown, groupOf) => new Help().groupItems(shown, shown, groupOf),
};

/** The visible options of a command. */
export function visibleOptions(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

/** Whether a command is a group: it has commands and does nothing by itself. */
export function isGroup(command: Command): boolean {
  return command.commands.length > 0 && examples[pathOf(command)] === undefined;
}

/** Adds examples, exit codes and environment to the help of each command, and links to the docs to the program's help. */
export function addHelp(program: Command): void {
  for (const command of commandsOf(program)) {
    command.addHelpText("after", () =>
      isGroup(command)
        ? `\nHelp for each: ${program.name()} help ${pathOf(command)} <command>`
        : `\n${sections(helpOf(command))}`,
    );
  }
  program.addHelpText(
    "after",
    `
Without a key, \`up\` tries everything in an instance named \`sandbox\` and leaves
your own files and containers alone.
Help for one command: openclaw-openrouter help <command>
Environment variables: openclaw-openrouter help environment`,
  );
}

/** Collects the parts of a command's help besides its options. */
export function helpOf(command: Command): CommandHelp {
  const options = new Set(visibleOptions(command).map(({ long }) => long));
  const reads: readonly string[] = declaredOf(command).reads ?? [];
  const uses = partsUsed(command, options);
  return {
    examples: examples[pathOf(command)] ?? [],
    exitCodes: exitCodes(command, options),
    environment: variables
      .filter(
        ({ name, option, part }) =>
          reads.includes(name) || (option && options.has(option)) || (part && uses.includes(part)),
      )
      .map(({ name, meaning }) => [name, meaning]),
  };
}

/** What a command can need without an instance that is deployed. */
const undeployed: readonly (string | undefined)[] = [undefined, "nothing", "name", "settings"];

/** What the commands need that change at most one thing, so that an interrupted one leaves nothing to do. */
const unresumed: readonly (string | undefined)[] = ["deployed", "name", "settings"];

function exitCodes(command: Command, options: ReadonlySet<string | undefined>): HelpRow[] {
  const { needs, exits } = declaredOf(command);
  const resumes = !unresumed.includes(needs);
  const meanings = {
    [ExitCode.Ok]: "success",
    [ExitCode.Failed]: "failed, or could not be determined",
    ...(undeployed.includes(needs) ? {} : { [ExitCode.NotDeployed]: "the instance is not deployed" }),
    [ExitCode.WrongUsage]: "wrong usage",
    ...(options.has("--instance")
      ? { [ExitCode.Interrupted]: resumes ? "interrupted; the next run resumes" : "interrupted" }
      : {}),
    ...exits,
  };
  return Object.entries(meanings).map(([code, meaning]) => [Number(code), meaning]);
}

function partsUsed(command: Command, options: ReadonlySet<string | undefined>): readonly HostPart[] {
  const { needs, uses = [] } = declaredOf(command);
  if (needs === "context" || options.has("--bundle")) return hostParts;
  return needs === "engine" ? ["engine", ...uses] : uses;
}

function sections({ examples, exitCodes, environment }: CommandHelp): string {
  return [list("Examples", examples, "stacked"), list("Exit codes", exitCodes), environmentOf(environment)]
    .filter(Boolean)
    .join("\n\n");
}

/** The names alone: their meanings are longer than the rest of the help. */
function environmentOf(rows: readonly HelpRow[]): string {
  if (rows.length === 0) return "";
  const names = wrap(rows.map(([name]) => name).join(", "), 78).map((line) => `  ${line}`);
  return `Environment (openclaw-openrouter help environment):\n${names.join("\n")}`;
}

/** What `help environment` prints. */
export function environmentHelp(): string {
  return list(
    "Environment",
    variables.map(({ name, meaning }) => [name, meaning]),
    "stacked",
  );
}

/** @param form `stacked`: the meaning is printed below the name, which can be long. */
function list(title: string, rows: readonly HelpRow[], form?: "stacked"): string {
  if (rows.length === 0) return "";
  const lines = rows.map(([name, meaning]) =>
    form ? `  ${name}\n${indented(meaning)}` : `  ${String(name).padEnd(5)}${meaning}`,
  );
  return `${title}:\n${lines.join("\n")}`;
}

function indented(text: string): string {
  const indent = " ".repeat(6);
  return wrap(text, 80 - indent.length)
    .map((line) => indent + line)
    .join("\n");
}
