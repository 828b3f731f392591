import { resolve } from "node:path";
import { type Command, InvalidArgumentError, Option } from "commander";
import { describeDuration, parseDuration } from "../../core/time";

/** Adds options to a command. `T` is what they are parsed into. */
export type OptionGroup<T extends object> = ((command: Command) => Command) & { readonly parsed?: T };

/** An option, and what it is parsed into. */
type TypedOption<T> = Option & { readonly parsed?: T };

// biome-ignore lint/suspicious/noExplicitAny: any options.
type Part = OptionGroup<any> | TypedOption<any>;

export type Parts = readonly Part[];

/** What a group of options, or one option, is parsed into. */
export type ParsedBy<P extends Part> =
  P extends OptionGroup<infer T> ? T : P extends TypedOption<infer T> ? T : never;

/** What several of them are parsed into. */
export type Parsed<P extends Parts> = P extends readonly [
  infer First extends Part,
  ...infer Rest extends Parts,
]
  ? ParsedBy<First> & Parsed<Rest>
  : unknown;

type Camel<S extends string> = S extends `${infer Head}-${infer Tail}`
  ? `${Head}${Capitalize<Camel<Tail>>}`
  : S;

/** What follows the dashes in flags such as `-o, --out <path>`. */
type Long<F extends string> = F extends `${string}--${infer Rest}` ? Rest : never;

/** What flags are parsed into; `V` is the type of their value. */
type Given<F extends string, V> =
  Long<F> extends `no-${infer Name}`
    ? { readonly [K in Camel<Name>]: boolean }
    : Long<F> extends `${infer Name} <${string}`
      ? { readonly [K in Camel<Name>]: V }
      : Long<F> extends `${infer Name} [${string}`
        ? { readonly [K in Camel<Name>]: V | true }
        : { readonly [K in Camel<Long<F>>]: boolean };

interface Details<V> {
  /** @default the value is the text */
  readonly parse?: (text: string, before: V | undefined) => V;
  readonly choices?: readonly V[];
  /** The names of the options that exclude this one. */
  readonly conflicts?: string | string[];
  readonly isHidden?: boolean;
  /** The heading in the help of a command. @default that of the command's own options */
  readonly group?: string;
}

/** The heading of options that many commands have. */
export const commonGroup = "Common options:";

/** Defines an option. Its flags say what it is parsed into. */
export function option<const F extends string, const V = string>(
  flags: F,
  description: string,
  details: Details<V> & { readonly default: NoInfer<V> },
): TypedOption<Given<F, V>>;
export function option<const F extends string, const V = string>(
  flags: F,
  description: string,
  details?: Details<V>,
): TypedOption<F extends `--no-${string}` ? Given<F, V> : Partial<Given<F, V>>>;
export function option(
  flags: string,
  description: string,
  details: Details<unknown> & { readonly default?: unknown } = {},
): Option {
  const { parse, choices, conflicts = [], isHidden = false, group } = details;
  const made = new Option(flags, description)
    .conflicts(conflicts)
    .hideHelp(isHidden)
    .default(details.default);
  if (parse) made.argParser(parse);
  if (choices) made.choices(choices as readonly string[]);
  if (group) made.helpGroup(group);
  return made;
}

/** Defines a group of options, of which some can be groups. */
export function optionGroup<const P extends Parts>(...parts: P): OptionGroup<Parsed<P> & object> {
  return (command) =>
    parts.reduce((to, part) => (typeof part === "function" ? part(to) : to.addOption(part)), command);
}

const common = { group: commonGroup };

export const jsonOption = option(
  "--json",
  "print the result, or the error, as JSON on standard output",
  common,
);

/** The options of every command on an instance. */
export const instanceOptions = optionGroup(
  option("-i, --instance <name>", "the instance: default, sandbox, or a name of your own", common),
  option("-s, --settings <file>", "the instance's settings (JSON with comments, or YAML)", common),
  jsonOption,
);
export type InstanceOptions = ParsedBy<typeof instanceOptions>;

export const hostOptions = option(
  "--bundle [dir]",
  "use the providers and the image of an offline bundle, or (without a folder) those built here",
  common,
);
export type HostOptions = ParsedBy<typeof hostOptions>;

/** The same option as a property for the preparation of a host. */
export function bundleOf({ bundle }: HostOptions): { readonly bundle?: string | true } {
  return bundle ? { bundle } : {};
}

/** `--no-install`, for commands that can be the first on a host. */
export const installOption = option("--no-install", "do not install Docker Engine; print how, and stop");

/** The files into which a report is written too. */
export const reportOptions = optionGroup(
  option("--junit <file>", "write the report as JUnit XML"),
  option("--markdown <file>", "write the report as Markdown (written to $GITHUB_STEP_SUMMARY automatically)"),
);
export type ReportOptions = ParsedBy<typeof reportOptions>;

export const yesOption = option("-y, --yes", "do not ask");

/** Set in a run by the host: what it finds is recorded, and told by the alerts' channels. */
export const scheduledOption = option("--scheduled", "", { isHidden: true });

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

/** Defines an option that takes a duration; the command gets it in seconds. */
export function durationOption<const F extends string>(
  flags: F,
  description: string,
  byDefault: number,
): TypedOption<Given<F, number>>;
export function durationOption<const F extends string>(
  flags: F,
  description: string,
): TypedOption<Partial<Given<F, number>>>;
export function durationOption(flags: string, description: string, byDefault?: number): Option {
  const made = new Option(flags, description).argParser(parseSeconds);
  return byDefault === undefined ? made : made.default(byDefault, describeDuration(byDefault));
}
