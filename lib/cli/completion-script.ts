import type { Command, Option } from "commander";
import { commandsOf, pathOf } from "./command";
import { visibleOptions } from "./help";

/** An option, as the completion of a shell needs it. */
interface Flag {
  readonly names: readonly string[];
  readonly description: string;
  /** The kind of its value, if it takes one. */
  readonly value?: "file" | "instance" | "text" | readonly string[];
}

/** A word that can follow, and its meaning. */
interface Word {
  readonly name: string;
  readonly description: string;
}

/** A command, a group or the program itself, as the completion of a shell needs it. */
interface Node {
  /** Its full name: empty for the program. */
  readonly path: string;
  readonly flags: readonly Flag[];
  /** Its commands, or the possible values of its argument. */
  readonly words: readonly Word[];
  /** Whether its argument is a file. */
  readonly takesFile: boolean;
}

/** The completion script of a shell, generated from the commands and options. */
export function completionScript(program: Command, shell: "bash" | "zsh" | "fish"): string {
  const nodes = [program, ...commandsOf(program)].map(nodeOf);
  // `help` is followed by the words of any command.
  const forHelp = nodes
    .filter(({ path, words }) => path !== "help" && words.length > 0 && path !== "completion")
    .map((node): Node => ({ ...node, path: `help ${node.path}`.trim(), flags: [], takesFile: false }));
  return { bash, zsh, fish }[shell]([...nodes.filter(({ path }) => path !== "help"), ...forHelp]);
}

function nodeOf(command: Command): Node {
  const commands = command.createHelp().visibleCommands(command);
  const choices = command.registeredArguments.flatMap(({ argChoices }) => argChoices ?? []);
  return {
    path: pathOf(command),
    flags: visibleOptions(command).map(flagOf),
    words: [
      ...commands.map((each) => ({ name: each.name(), description: firstClause(each.description()) })),
      ...choices.map((name) => ({ name, description: name })),
    ],
    takesFile: command.registeredArguments.some((argument) => argument.name() === "file"),
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

/** A menu has little room; the result holds no character with a meaning for a shell. */
function firstClause(text: string): string {
  return (text.split(/[;(:]/)[0] ?? "").replace(/['"`$\\[\]]/g, "").trim();
}

/**
 * The instances that have a directory. Only their names: bash runs a command that stands in a word to complete, and root's HOME can
 * be another user's.
 */
const instances =
  'ls "$' + '{OPENCLAW_OPENROUTER_HOME:-$HOME/.openclaw-openrouter}" 2>/dev/null | grep -x "[a-z0-9-]*"';

/** All paths as a pattern of a shell's `case`: quoted, separated by `|`. */
function paths(nodes: readonly Node[]): string {
  return nodes.flatMap(({ path }) => (path ? [`"${path}"`] : [])).join("|");
}

function names(words: readonly Word[]): string {
  return words.map(({ name }) => name).join(" ");
}

function bash(nodes: readonly Node[]): string {
  const cases: string[] = [];
  for (const { path, flags } of nodes) {
    for (const { names, value } of flags) {
      const pattern = names.map((flag) => `"${path} ${flag}"`).join("|");
      if (value === "file") cases.push(`${pattern}) compopt -o default; return ;;`);
      else if (value === "instance") cases.push(`${pattern}) words=$(${instances}) ;;`);
      else if (value === "text") cases.push(`${pattern}) return ;;`);
      else if (value) cases.push(`${pattern}) words="${value.join(" ")}" ;;`);
    }
  }
  const words = nodes.map(
    ({ path, flags, words, takesFile }) =>
      `"${path}") ${takesFile ? "compopt -o default 2>/dev/null; " : ""}words="${[names(words), ...flags.flatMap(({ names }) => names)].join(" ").trim()}" ;;`,
  );
  return `_openclaw_openrouter() {
  local current="$\{COMP_WORDS[COMP_CWORD]}" path= longer i words=
  COMPREPLY=()
  for ((i = 1; i < COMP_CWORD; i++)); do
    longer="$\{path:+$path }$\{COMP_WORDS[i]}"
    case "$longer" in ${paths(nodes)}) path="$longer" ;; esac
  done
  case "$path $\{COMP_WORDS[COMP_CWORD-1]}" in
    ${cases.join("\n    ")}
    *) case "$path" in
      ${words.join("\n      ")}
    esac ;;
  esac
  COMPREPLY=($(compgen -W "$words" -- "$current"))
}
complete -F _openclaw_openrouter openclaw-openrouter
`;
}

function zsh(nodes: readonly Node[]): string {
  const action = (value: Flag["value"]) => {
    if (value === undefined) return "";
    if (value === "file") return ":file:_files";
    if (value === "instance") return `:instance:($(${instances}))`;
    return value === "text" ? ":value: " : `:value:(${value.join(" ")})`;
  };
  const flag = ({ names, description, value }: Flag) =>
    names.map((name) => `'*${name}[${description}]${action(value)}'`);
  const argument = ({ words, takesFile }: Node) => {
    if (takesFile) return ["'1:file:_files'"];
    const menu = words.map(({ name, description }) => `${name}\\:"${description}"`).join(" ");
    return words.length > 0 ? [`'*:command:((${menu}))'`] : [];
  };
  const cases = nodes.map(
    (node) =>
      `"${node.path}") _arguments ${[...node.flags.flatMap(flag), ...argument(node)].join(" \\\n      ")} ;;`,
  );
  return `#compdef openclaw-openrouter
_openclaw_openrouter() {
  local path_= longer
  local -i i last=1
  for ((i = 2; i < CURRENT; i++)); do
    longer="$\{path_:+$path_ }$\{words[i]}"
    case "$longer" in (${paths(nodes)}) path_="$longer"; last=i ;; esac
  done
  shift $((last - 1)) words
  ((CURRENT -= last - 1))
  case "$path_" in
    ${cases.join("\n    ")}
  esac
}
compdef _openclaw_openrouter openclaw-openrouter
`;
}

function fish(nodes: readonly Node[]): string {
  const complete = "complete -c openclaw-openrouter";
  const argument = (value: Flag["value"]) => {
    if (value === undefined) return "";
    if (value === "file") return " -r -F";
    if (value === "instance") return ` -x -a '(${fishInstances})'`;
    return value === "text" ? " -x" : ` -x -a '${value.join(" ")}'`;
  };
  const name = (flag: string) => (flag.startsWith("--") ? ` -l ${flag.slice(2)}` : ` -s ${flag.slice(1)}`);
  const lines = nodes.flatMap(({ path, flags, words, takesFile }) => {
    const within = `${complete} -n '__openclaw_openrouter_at "${path}"'`;
    return [
      ...words.map((word) => `${within} -a ${word.name} -d '${word.description}'`),
      ...(takesFile ? [`${within} -F`] : []),
      ...flags.map(
        ({ names, description, value }) =>
          `${within}${names.map(name).join("")}${argument(value)} -d '${description}'`,
      ),
    ];
  });
  return `function __openclaw_openrouter_at
  set -l path ''
  for word in (commandline -opc)[2..-1]
    set -l longer (string trim -- "$path $word")
    contains -- "$longer" ${nodes.flatMap(({ path }) => (path ? [`'${path}'`] : [])).join(" ")}; and set path $longer
  end
  test "$path" = "$argv[1]"
end
${complete} -f
${lines.join("\n")}
`;
}

const fishInstances =
  "set -q OPENCLAW_OPENROUTER_HOME; and ls $OPENCLAW_OPENROUTER_HOME 2>/dev/null; or ls ~/.openclaw-openrouter 2>/dev/null";
