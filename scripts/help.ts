import type { Command, Option } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { wrap } from "../lib/text";
import { examples } from "./examples";

/** One line of a list in a verb's help: a command, a variable, an exit code. */
export type HelpRow = readonly [name: string | number, meaning: string];

/** What a verb's help says besides its options. */
export interface VerbHelp {
  readonly examples: readonly HelpRow[];
  readonly exitCodes: readonly HelpRow[];
  readonly environment: readonly HelpRow[];
}

/** The verbs that a person may run, in the order in which they are listed. */
export function visibleVerbs(program: Command): Command[] {
  return program
    .createHelp()
    .visibleCommands(program)
    .filter((command) => command.name() !== "help");
}

/** The options of a verb that a person may give. */
export function visibleOptions(command: Command): Option[] {
  return command.createHelp().visibleOptions(command);
}

/** Adds examples, exit codes and environment to the help of each verb, and where to read on to that of all. */
export function addHelp(program: Command): void {
  for (const verb of visibleVerbs(program)) verb.addHelpText("after", () => `\n${sections(helpOf(verb))}`);
  program.addHelpText(
    "after",
    `
Without a key, \`up\` tries all of it out in an instance called \`sandbox\`, and
touches nothing of yours. A verb's own page: openclaw-openrouter help <verb>`,
  );
}

export function helpOf(verb: Command): VerbHelp {
  const options = new Set(visibleOptions(verb).map(({ long }) => long));
  return {
    examples: examples[verb.name()] ?? [],
    exitCodes: exitCodes(verb.name(), options),
    environment: variables
      .filter(({ verbs, option }) => verbs?.includes(verb.name()) || (option && options.has(option)))
      .map(({ name, meaning }) => [name, meaning]),
  };
}

/** Those that deploy, or look at a declaration only. */
const needsNoDeploy = ["up", "deploy", "restore", "doctor", "models", "synth"];

function exitCodes(verb: string, options: ReadonlySet<string | undefined>): HelpRow[] {
  const isDrift = verb === "drift";
  return [
    [ExitCode.Ok, isDrift ? "no drift" : "well"],
    [ExitCode.Failed, "failed, or could not be determined"],
    ...(isDrift
      ? ([
          [ExitCode.Drift, "reality is not what was deployed"],
          [ExitCode.NotApplied, "the settings were changed, and not deployed"],
        ] as const)
      : []),
    ...(options.has("--instance") && !needsNoDeploy.includes(verb)
      ? ([[ExitCode.NotDeployed, "the instance is not deployed"]] as const)
      : []),
    [ExitCode.WrongUsage, "wrong usage"],
    [ExitCode.Interrupted, "interrupted; the next run goes on from there"],
  ];
}

interface Variable {
  readonly name: string;
  readonly meaning: string;
  /** The verbs that have this option read it. */
  readonly option?: string;
  readonly verbs?: readonly string[];
}

const variables: readonly Variable[] = [
  { name: "OPENROUTER_API_KEY", meaning: "the OpenRouter key", option: "--replace-key", verbs: ["synth"] },
  {
    name: "OPENROUTER_MANAGEMENT_KEY",
    meaning: "OpenRouter's management key, which makes and limits keys",
    verbs: ["rotate", "budget"],
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTANCE",
    meaning:
      "the instance, where --instance names none (default: `default` where a key is given or it was deployed, else `sandbox`)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_HOME",
    meaning: "where the instances' homes lie (default: ~/.openclaw-openrouter)",
    option: "--instance",
  },
  {
    name: "OPENCLAW_OPENROUTER_CACHE",
    meaning: "where obtained parts lie (default: ~/.cache/openclaw-openrouter)",
    option: "--kit",
    verbs: ["kit"],
  },
  {
    name: "OPENCLAW_OPENROUTER_INSTALL",
    meaning:
      "the folder of the installed program (default: /opt/openclaw-openrouter for root, else ~/.local/share/openclaw-openrouter)",
    verbs: ["up", "deploy"],
  },
  {
    name: "DOCKER_HOST",
    meaning: "the socket of the Docker Engine: unix:///… (default: Docker's context)",
    option: "--kit",
    verbs: ["destroy", "unseal"],
  },
  {
    name: "TERRAFORM_BINARY_NAME",
    meaning: "terraform or tofu (default: the first of both on PATH, else the kit's OpenTofu)",
    option: "--kit",
  },
  {
    name: "TF_CLI_CONFIG_FILE",
    meaning: "Terraform's own CLI configuration, which may name a mirror of the providers",
    option: "--kit",
  },
  {
    name: "HTTPS_PROXY, NO_PROXY",
    meaning: "the way to OpenRouter and to registries",
    option: "--kit",
    verbs: ["check", "rotate", "budget", "models"],
  },
];

function sections({ examples, exitCodes, environment }: VerbHelp): string {
  return [
    list("Examples", examples, "stacked"),
    list("Exit codes", exitCodes),
    list("Environment", environment, "stacked"),
  ]
    .filter(Boolean)
    .join("\n\n");
}

/** @param form `stacked`: what it means stands below the name, which may be long. */
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
