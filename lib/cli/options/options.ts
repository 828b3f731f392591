import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { describeDuration, parseDuration } from "../../core/time";

/** Adds options to a command. `T` is what they are parsed into. */
export type OptionGroup<T extends object> = ((command: Command) => Command) & { readonly parsed?: T };

/** The options of every command on an instance. */
export interface InstanceOptions {
  readonly instance?: string;
  readonly settings?: string;
  readonly json?: boolean;
}

export const instanceOptions: OptionGroup<InstanceOptions> = (command) =>
  command
    .option("-i, --instance <name>", "the instance: default, sandbox, or a name of your own")
    .option("-s, --settings <file>", "the instance's settings (JSON with comments, or YAML)")
    .option("--json", "print the result, or the error, as JSON on standard output");

export interface HostOptions {
  readonly bundle?: string | true;
}

export const hostOptions: OptionGroup<HostOptions> = (command) =>
  command.option(
    "--bundle [dir]",
    "use the providers and the image of an offline bundle, or (without a folder) those built here",
  );

/** The same option as a property for the preparation of a host. */
export function bundleOf({ bundle }: HostOptions): { readonly bundle?: string | true } {
  return bundle ? { bundle } : {};
}

export interface InstallOptions {
  readonly install: boolean;
}

/** `--no-install`, for commands that can be the first on a host. */
export const installOption: OptionGroup<InstallOptions> = (command) =>
  command.option("--no-install", "do not install Docker Engine; print how, and stop");

export const yesOption: OptionGroup<{ readonly yes?: boolean }> = (command) =>
  command.option("-y, --yes", "do not ask");

/** Set in a run by the host: what it finds is recorded, and told by the alerts' channels. */
export const scheduledOption: OptionGroup<{ readonly scheduled?: boolean }> = (command) =>
  command.addOption(new Option("--scheduled").hideHelp());

/** Parses a count of the command line. */
export function count(text: string): number {
  if (/^[1-9]\d{0,5}$/.test(text)) return Number(text);
  throw new InvalidArgumentError("A count is a whole number, 1 or more.");
}

/** Collects the values of a repeatable option. */
export function collect(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}

/** The arguments that give a command's options again, without the instance; paths are absolute: it runs in another folder. */
export function argumentsOf(command: Command, values: object): string[] {
  return command.options.flatMap((option) => {
    const name = option.attributeName();
    const value = (values as Record<string, unknown>)[name];
    if (value === undefined || value === option.negate || name === "instance" || name === "json") return [];
    if (typeof value === "boolean") return [option.long!];
    const parts = Array.isArray(value) && !option.flags.includes("<ids>") ? value : [String(value)];
    return parts.flatMap((part) => [option.long!, isPath(option.flags) ? absolute(part) : part]);
  });
}

function isPath(flags: string): boolean {
  return /<(file|dir|path)>/.test(flags);
}

/** A folder's slash at the end stays. */
function absolute(path: string): string {
  return `${resolve(path)}${path.endsWith("/") ? "/" : ""}`;
}

/** Parses a duration of the command line into seconds. */
function parseSeconds(text: string): number {
  const seconds = parseDuration(text);
  if (seconds !== undefined) return seconds;
  throw new InvalidArgumentError("A duration is a number with a unit, such as 30m, 12h or 90d.");
}

/** Makes an option that takes a duration; the command gets it in seconds. */
export function durationOption(flags: string, description: string, byDefault?: number): Option {
  const option = new Option(flags, description).argParser(parseSeconds);
  return byDefault === undefined ? option : option.default(byDefault, describeDuration(byDefault));
}
