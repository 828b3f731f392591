import type { Command } from "commander";
import { type HelpRow, helpOf, visibleOptions, visibleVerbs } from "./help";

export const verbsFolder = "docs/verbs";

/** A page for each verb, by path, and one that lists them, made from the command line itself. */
export function verbPages(program: Command): Record<string, string> {
  const verbs = visibleVerbs(program);
  const index = [
    "# Verbs",
    "",
    "One page each, made from the program's own help (`openclaw-openrouter help <verb>` prints the same).",
    "",
    "| Verb | What it does |",
    "| --- | --- |",
    ...verbs.map((verb) => `| [${verb.name()}](${verb.name()}.md) | ${cell(verb.description())} |`),
    "",
  ].join("\n");
  return {
    [`${verbsFolder}/README.md`]: index,
    ...Object.fromEntries(verbs.map((verb) => [`${verbsFolder}/${verb.name()}.md`, page(verb)])),
  };
}

function page(verb: Command): string {
  const { examples, exitCodes, environment } = helpOf(verb);
  const help = verb.createHelp();
  const options = visibleOptions(verb).map(
    (option): HelpRow => [`\`${option.flags}\``, help.optionDescription(option)],
  );
  const description = verb.description();
  return [
    `# ${verb.name()}`,
    `${description[0]?.toUpperCase()}${description.slice(1)}.`,
    `\`\`\`console\n$ ${help.commandUsage(verb)}\n\`\`\``,
    ...table("Options", ["Option", "Meaning"], options),
    ...(examples.length > 0
      ? [
          `## Examples\n\n\`\`\`console\n${examples.map(([line, why]) => `# ${why}\n$ ${line}`).join("\n")}\n\`\`\``,
        ]
      : []),
    ...table("Exit codes", ["Code", "Meaning"], exitCodes),
    ...table(
      "Environment",
      ["Variable", "Meaning"],
      environment.map(([name, meaning]) => [`\`${name}\``, meaning]),
    ),
    "[All verbs](README.md)",
  ]
    .join("\n\n")
    .concat("\n");
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
