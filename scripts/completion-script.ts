import type { Command, Option } from "commander";
import { visibleOptions, visibleVerbs } from "./help";

/** What a shell is to know of an option. */
interface Flag {
  readonly names: readonly string[];
  readonly description: string;
  /** What follows it, where something does. */
  readonly value?: "file" | "instance" | "text" | readonly string[];
}

interface Verb {
  readonly name: string;
  readonly description: string;
  readonly flags: readonly Flag[];
  /** What its argument may be. */
  readonly words: readonly string[];
}

/** A script for a shell, made from the verbs and options as they are. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const verbs = visibleVerbs(program).map(verbOf);
  return { bash, zsh, fish }[shell]([
    ...verbs,
    {
      name: "help",
      description: "print the page of a verb",
      flags: [],
      words: verbs.map(({ name }) => name),
    },
  ]);
}

function verbOf(command: Command): Verb {
  return {
    name: command.name(),
    description: firstClause(command.description()),
    flags: visibleOptions(command).map(flagOf),
    words: command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []),
  };
}

function flagOf(option: Option): Flag {
  const value = option.argChoices ?? kindOf(option);
  return {
    names: [option.short, option.long].filter((name) => name !== undefined),
    description: firstClause(option.description),
    ...(value && (option.required || option.optional) ? { value } : {}),
  };
}

function kindOf({ long, flags }: Option): Flag["value"] {
  if (long === "--instance") return "instance";
  return /[<[](file|dir|path)[>\]]/.test(flags) ? "file" : "text";
}

/** A menu has room for so much; none of these characters means anything to a shell. */
function firstClause(text: string): string {
  return (text.split(/[;(:]/)[0] ?? "").replace(/['"`$\\[\]]/g, "").trim();
}

/** The instances that have a home. */
const instances = 'ls "$' + '{OPENCLAW_OPENROUTER_HOME:-$HOME/.openclaw-openrouter}" 2>/dev/null';

function bash(verbs: readonly Verb[]): string {
  const cases: string[] = [];
  for (const { name, flags } of verbs) {
    for (const { names, value } of flags) {
      const pattern = names.map((flag) => `"${name} ${flag}"`).join("|");
      if (value === "file") cases.push(`${pattern}) compopt -o default; return ;;`);
      else if (value === "instance") cases.push(`${pattern}) words=$(${instances}) ;;`);
      else if (value === "text") cases.push(`${pattern}) return ;;`);
      else if (value) cases.push(`${pattern}) words="${value.join(" ")}" ;;`);
    }
  }
  const words = verbs.map(
    ({ name, flags, words }) =>
      `${name}) words="${[...words, ...flags.flatMap(({ names }) => names)].join(" ")}" ;;`,
  );
  return `_openclaw_openrouter() {
  local verb="$\{COMP_WORDS[1]}" current="$\{COMP_WORDS[COMP_CWORD]}" words=
  COMPREPLY=()
  if [ "$COMP_CWORD" -eq 1 ]; then
    words="${verbs.map(({ name }) => name).join(" ")} --help --version"
  else
    case "$verb $\{COMP_WORDS[COMP_CWORD-1]}" in
      ${cases.join("\n      ")}
      *) case "$verb" in
        ${words.join("\n        ")}
      esac ;;
    esac
  fi
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _openclaw_openrouter openclaw-openrouter
`;
}

function zsh(verbs: readonly Verb[]): string {
  const action = (value: Flag["value"]) => {
    if (value === undefined) return "";
    if (value === "file") return ":file:_files";
    if (value === "instance") return `:instance:($(${instances}))`;
    return value === "text" ? ":value: " : `:value:(${value.join(" ")})`;
  };
  const flag = ({ names, description, value }: Flag) =>
    names.map((name) => `'*${name}[${description}]${action(value)}'`).join(" ");
  const cases = verbs.map(
    ({ name, flags, words }) =>
      `${name}) _arguments ${[...flags.map(flag), ...(words.length > 0 ? [`'1:word:(${words.join(" ")})'`] : [])].join(" \\\n      ")} ;;`,
  );
  return `#compdef openclaw-openrouter
_openclaw_openrouter() {
  local -a verbs=(
    ${verbs.map(({ name, description }) => `'${name}:${description}'`).join("\n    ")}
  )
  if (( CURRENT == 2 )); then
    _describe verb verbs
    return
  fi
  local verb=$words[2]
  shift words
  (( CURRENT-- ))
  case $verb in
    ${cases.join("\n    ")}
  esac
}
compdef _openclaw_openrouter openclaw-openrouter
`;
}

function fish(verbs: readonly Verb[]): string {
  const complete = "complete -c openclaw-openrouter";
  const argument = (value: Flag["value"]) => {
    if (value === undefined) return "";
    if (value === "file") return " -r -F";
    if (value === "instance") return ` -x -a '(${fishInstances})'`;
    return value === "text" ? " -x" : ` -x -a '${value.join(" ")}'`;
  };
  const name = (flag: string) => (flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`);
  const lines = verbs.flatMap((verb) => {
    const within = `${complete} -n '__fish_seen_subcommand_from ${verb.name}'`;
    return [
      `${complete} -n __fish_use_subcommand -a ${verb.name} -d '${verb.description}'`,
      ...(verb.words.length > 0 ? [`${within} -a '${verb.words.join(" ")}'`] : []),
      ...verb.flags.map(
        ({ names, description, value }) =>
          `${within}${names.map(name).join("")}${argument(value)} -d '${description}'`,
      ),
    ];
  });
  return `${complete} -f\n${lines.join("\n")}\n`;
}

const fishInstances =
  "set -q OPENCLAW_OPENROUTER_HOME; and ls $OPENCLAW_OPENROUTER_HOME 2>/dev/null; or ls ~/.openclaw-openrouter 2>/dev/null";
