import type { EventEmitter } from "node:events";
import type { Command } from "commander";
import { commandsOf, pathOf } from "../lib/cli/command";
import { variables } from "../lib/cli/environment";
import type { HelpRow } from "../lib/cli/examples";
import { helpOf, isGroup, visibleOptions } from "../lib/cli/help";
import { ExitCode } from "../lib/core/exit-codes";
import { errorReportOf } from "../lib/report/error-report";

export const commandsFolder = "docs/commands";

/** Renders a page for each command, by path, and a list of them, from the command line itself. */
export function commandPages(program: Command): Record<string, string> {
  const commands = commandsOf(program).filter((command) => pathOf(command) !== "help");
  const index = [
    "# Commands",
    "",
    "One page each, made from the program's own help (`openclaw-openrouter help <command>` prints the same).",
    "",
    ...commandTable(commands.filter((command) => !isGroup(command))),
    "",
    "## Environment",
    "",
    "Each page lists those of these variables that its command reads, besides the last three, which every command reads.",
    "",
    "| Variable | Meaning |",
    "| --- | --- |",
    ...variables.map(({ name, meaning }) => `| \`${name}\` | ${cell(meaning)} |`),
    "",
    "## JSON",
    "",
    "With `--json` a command prints one JSON object on standard output: its result or, if it ends without one, an error by",
    "[error-report.schema.json](../error-report.schema.json). Text for people is on standard error. A program that cannot start,",
    "for example with another Node, or that a signal ends at once, prints none.",
    "",
    "```json",
    ...JSON.stringify(exampleError, null, 2).split("\n"),
    "```",
    "",
  ].join("\n");
  return {
    [`${commandsFolder}/README.md`]: index,
    ...Object.fromEntries(commands.map((command) => [`${commandsFolder}/${pageOf(command)}`, page(command)])),
  };
}

const exampleError = errorReportOf(
  {
    problem: "The instance default is not deployed on this host.",
    got: "no /root/.openclaw-openrouter/default/instance.json",
    fix: "openclaw-openrouter up",
  },
  ExitCode.NotDeployed,
);

/** The file name of a command's page. */
function pageOf(command: Command): string {
  return `${pathOf(command).replaceAll(" ", "-")}.md`;
}

function commandTable(commands: readonly Command[]): string[] {
  return [
    "| Command | What it does |",
    "| --- | --- |",
    ...commands.map(
      (command) => `| [${pathOf(command)}](${pageOf(command)}) | ${cell(command.description())} |`,
    ),
  ];
}

function page(command: Command): string {
  const help = command.createHelp();
  const description = command.description();
  return [
    `# ${pathOf(command)}`,
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    `\`\`\`console\n$ ${help.commandUsage(command)}\n\`\`\``,
    ...(command.commands.length > 0 ? [commandTable(commandsOf(command)).join("\n")] : []),
    ...(isGroup(command) ? [] : details(command)),
    "[All commands](README.md)",
  ]
    .join("\n\n")
    .concat("\n");
}

function details(command: Command): string[] {
  const { examples, exitCodes, environment } = helpOf(command);
  const help = command.createHelp();
  const options = visibleOptions(command).map(
    (option): HelpRow => [`\`${option.flags}\``, help.optionDescription(option)],
  );
  const named = help
    .visibleArguments(command)
    .map((argument): HelpRow => [`\`${argument.name()}\``, help.argumentDescription(argument)]);
  const notes = notesOf(command);
  return [
    ...(notes === undefined ? [] : [`\`\`\`text\n${notes}\n\`\`\``]),
    ...table("Arguments", ["Argument", "Meaning"], named),
    ...table("Options", ["Option", "Meaning"], options),
    `## Examples\n\n\`\`\`console\n${examples.map(([line, why]) => `# ${why}\n$ ${line}`).join("\n")}\n\`\`\``,
    ...table("Exit codes", ["Code", "Meaning"], exitCodes),
    ...(environment.length === 0
      ? []
      : [
          `## Environment\n\n${environment.map(([name]) => `\`${name}\``).join(", ")}: [their meaning](README.md#environment).`,
        ]),
  ];
}

/** What a command's help says after its options, besides the parts that every command has. */
function notesOf(command: Command): string | undefined {
  const texts: string[] = [];
  // Commander's commands are emitters, which its types do not tell.
  (command as unknown as EventEmitter).emit("afterHelp", {
    error: false,
    command,
    write: (text: string) => texts.push(text),
  });
  return texts.length > 1 ? texts[0]?.trim() : undefined;
}

function table(title: string, heads: readonly string[], rows: readonly HelpRow[]): string[] {
  if (rows.length === 0) return [];
  const lines = rows.map(([name, meaning]) => `| ${cell(String(name))} | ${cell(meaning)} |`);
  return [`## ${title}\n\n| ${heads.join(" | ")} |\n| --- | --- |\n${lines.join("\n")}`];
}

function cell(text: string): string {
  return text
    .replaceAll("|", "\\|")
    .replaceAll("<", "&lt;")
    .replace(/`[^`]*`/g, (code) => code.replaceAll("&lt;", "<"));
}
