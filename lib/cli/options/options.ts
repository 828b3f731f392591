import { type Command, InvalidArgumentError } from "commander";

/** The options of every command on an instance. */
export interface InstanceOptions {
  readonly instance?: string;
  readonly settings?: string;
  readonly json?: boolean;
}

export function addInstanceOptions(command: Command): Command {
  return command
    .option("-i, --instance <name>", "the instance: default, sandbox, or a name of your own")
    .option("-s, --settings <file>", "the instance's settings (JSON with comments, or YAML)")
    .option("--json", "print the result as JSON on standard output");
}

export interface HostOptions {
  readonly bundle?: string | true;
}

export function addHostOptions(command: Command): Command {
  return command.option(
    "--bundle [dir]",
    "use the providers and the image of an offline bundle, or (without a folder) those built here",
  );
}

/** The same option as a property for the preparation of a host. */
export function bundleOf({ bundle }: HostOptions): { readonly bundle?: string | true } {
  return bundle ? { bundle } : {};
}

export interface InstallOptions {
  readonly install: boolean;
}

/** Adds `--no-install`, for commands that can be the first on a host. */
export function addInstallOption(command: Command): Command {
  return command.option("--no-install", "do not install Docker Engine; print how, and stop");
}

/** Adds the options that give a key: {@link KeyOptions}. */
export function addKeyOptions(command: Command): Command {
  return command
    .option("--key-file <file>", "read the OpenRouter API key from a file")
    .option("--key-stdin", "read the OpenRouter API key from standard input");
}

/** Parses a count of the command line. */
export function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A count is a whole number, 1 or more.");
}
