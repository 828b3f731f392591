import type { Command, Option } from "commander";
import { ExitCode } from "../core/exit-codes";
import { wrap } from "../core/text";
import { commandsOf, pathOf } from "./command";
import { neededBy } from "./define-command";
import { examples, type HelpRow } from "./examples";

/** The parts of a command's help besides its options. */
interface CommandHelp {
  readonly examples: readonly HelpRow[];
  readonly exitCodes: readonly HelpRow[];
  readonly environment: readonly HelpRow[];
}

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
Help for one command: openclaw-openrouter help <command>`,
  );
}

/** Collects the parts of a command's help besides its options. */
export function helpOf(command: Command): CommandHelp {
  const options = new Set(visibleOptions(command).map(({ long }) => long));
  const path = pathOf(command);
  const uses = partsUsed(command, options);
  return {
    examples: examples[path] ?? [],
    exitCodes: exitCodes(path, options),
    environment: variables
      .filter(
        ({ commands, option, part }) =>
          commands?.includes(path) || (option && options.has(option)) || (part && uses.has(part)),
      )
      .map(({ name, meaning }) => [name, meaning]),
  };
}

/** Commands that deploy, or only read a declaration. */
const needsNoDeploy = ["up", "deploy", "restore", "doctor", "synth", "schedule list", "schedule remove"];

function exitCodes(path: string, options: ReadonlySet<string | undefined>): HelpRow[] {
  const isDrift = path === "drift";
  return [
    [ExitCode.Ok, isDrift ? "no drift" : "success"],
    [ExitCode.Failed, "failed, or could not be determined"],
    ...(isDrift
      ? ([
          [ExitCode.Drift, "the host is not what was deployed"],
          [ExitCode.NotApplied, "settings changed but not deployed"],
        ] as const)
      : []),
    ...(options.has("--instance") && !needsNoDeploy.includes(path)
      ? ([[ExitCode.NotDeployed, "the instance is not deployed"]] as const)
      : []),
    [ExitCode.WrongUsage, "wrong usage"],
    ...(options.has("--instance")
      ? ([[ExitCode.Interrupted, "interrupted; the next run resumes"]] as const)
      : []),
  ];
}

interface Variable {
  readonly name: string;
  readonly meaning: string;
  /** Read by the commands that have this option. */
  readonly option?: string;
  readonly commands?: readonly string[];
  /** Read by the commands that use this part of the host. */
  readonly part?: Part;
}

/** The parts of a host: the Docker Engine; Terraform and its providers; OpenRouter and other servers. */
type Part = "engine" | "terraform" | "network";

function partsUsed(command: Command, options: ReadonlySet<string | undefined>): ReadonlySet<Part> {
  const path = pathOf(command);
  const needs = neededBy(command);
  // These two prepare the host by themselves; the others that do have --bundle.
  const isWhole = needs === "context" || options.has("--bundle") || ["drift", "destroy"].includes(path);
  if (isWhole) return new Set(["engine", "terraform", "network"]);
  const parts = new Set<Part>();
  if (needs === "engine" || ["check", "status"].includes(path)) parts.add("engine");
  if (/^(check|status|host .+|alerts (add|test|heartbeat))$/.test(path)) parts.add("network");
  return parts;
}

const variables: readonly Variable[] = [
  {
    name: "OPENROUTER_API_KEY",
    meaning: "the OpenRouter key",
    option: "--replace-key",
    commands: ["synth", "state adopt", "drift"],
  },
  {
    name: "OPENROUTER_MANAGEMENT_KEY",
    meaning: "OpenRouter's management key, which makes and limits keys",
    commands: ["key rotate", "key limit", "host invite", "host rotate", "host evict", "host list"],
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTANCE",
    meaning: "the instance, if --instance names none (default: the only deployed one, else `default`)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_HOME",
    meaning: "where the instance directories are (default: ~/.openclaw-openrouter)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_CACHE",
    meaning: "where downloaded and built parts are (default: ~/.cache/openclaw-openrouter)",
    part: "terraform",
    commands: ["bundle"],
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTALL",
    meaning:
      "the folder of the installed program (default: /opt/openclaw-openrouter for root, else ~/.local/share/openclaw-openrouter)",
    commands: ["up", "deploy"],
  },
  {
    name: "OPENCLAW_OPENROUTER_PUBLIC",
    meaning:
      "the folder of what other users of this host read, such as Vault's CA (default: /var/lib/openclaw-openrouter for root, else ~/.local/share/openclaw-openrouter)",
    commands: ["up", "deploy"],
  },
  {
    name: "DOCKER_HOST, DOCKER_CONTEXT",
    meaning:
      "the socket of the Docker Engine: unix:///…, or a context of Docker (default: the current context)",
    part: "engine",
  },
  {
    name: "TERRAFORM_BINARY_NAME",
    meaning:
      "terraform or tofu (default: terraform, then tofu, on PATH; else the OpenTofu that is built here)",
    part: "terraform",
  },
  {
    name: "OPENCLAW_OPENROUTER_PLAIN",
    meaning: "1: without the shortcuts that depend on how Terraform works inside, which is slower",
    part: "terraform",
  },
  {
    name: "TF_CLI_CONFIG_FILE",
    meaning: "Terraform's own CLI configuration, which can name a mirror of the providers",
    part: "terraform",
  },
  {
    name: "HTTPS_PROXY, NO_PROXY",
    meaning:
      "the proxy to OpenRouter, to registries and to receivers of alerts; what is reached without it: names, addresses, networks (CIDR)",
    part: "network",
  },
];

function sections({ examples, exitCodes, environment }: CommandHelp): string {
  return [
    list("Examples", examples, "stacked"),
    list("Exit codes", exitCodes),
    list("Environment", environment, "stacked"),
  ]
    .filter(Boolean)
    .join("\n\n");
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
