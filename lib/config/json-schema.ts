import { z } from "zod";
import { settingsSchema } from "./settings";
import type { Path } from "./source";

/** The part of JSON Schema that describes settings. */
export interface OptionSchema {
  readonly description?: string;
  readonly default?: unknown;
  readonly type?: string;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  /** The forms of an option that takes one of several. */
  readonly anyOf?: readonly OptionSchema[];
  readonly format?: string;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly maximum?: number;
  readonly properties?: Readonly<Record<string, OptionSchema>>;
  readonly required?: readonly string[];
  /** The schema of a list's items. */
  readonly items?: OptionSchema;
  readonly additionalProperties?: unknown;
}

/** The name of the schema file. A settings file beside it refers to it by `"$schema": "./openrouter.settings.schema.json"`. */
export const settingsSchemaFile = "openrouter.settings.schema.json";

let cached: OptionSchema | undefined;

/** The JSON Schema of a settings file, as editors read it. */
export function settingsJsonSchema(): OptionSchema {
  cached ??= makeJsonSchema();
  return cached;
}

function makeJsonSchema(): OptionSchema {
  const { $schema, ...schema } = z.toJSONSchema(settingsSchema, {
    io: "input",
    override: ({ jsonSchema }) => {
      // Every whole number in JavaScript has this bound, so it does not help a reader.
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      // A group's default consists of the defaults of its options.
      if (jsonSchema.properties) delete jsonSchema.default;
    },
  });
  return {
    $schema,
    $id: settingsSchemaFile,
    title: "Settings of openclaw-openrouter",
    description: "Every option has a default: a file names only the options that differ.",
    ...schema,
  } as OptionSchema;
}

/** The schema of one option or group; undefined if there is none at that path. */
export function optionAt(path: Path): OptionSchema | undefined {
  return path.reduce<OptionSchema | undefined>((node, name) => {
    const { properties = {}, items } = node ?? {};
    if (typeof name === "number") return items;
    return Object.hasOwn(properties, name) ? properties[name] : undefined;
  }, settingsJsonSchema());
}

/** Every option, without groups, with its path, in the order of the schema. */
export function listOptions(
  node: OptionSchema = settingsJsonSchema(),
  path: Path = [],
): [Path, OptionSchema][] {
  if (!node.properties) return [[path, node]];
  return Object.entries(node.properties).flatMap(([name, child]) => listOptions(child, [...path, name]));
}

/** The values of an option, in words that complete "expected: …". */
export function describeOption(option: OptionSchema | undefined): string {
  if (!option) return "another value";
  if (option.anyOf) return oneOf(option.anyOf.map(describeForm));
  if (option.const !== undefined) return JSON.stringify(option.const);
  if (option.enum) return oneOf(option.enum.map((value) => JSON.stringify(value)));
  switch (option.type) {
    case "integer":
      return `a whole number${describeRange(option)}`;
    case "number":
      return `a number${describeRange(option)}`;
    case "boolean":
      return "true or false";
    case "object":
      return "a group of options";
    case "array":
      return `a list of ${option.items?.properties ? describeGroup(option.items) : "texts"}`;
    default:
      return option.format === "uri" ? "a URL" : "text";
  }
}

/** One form of several: a group by the names of its options. */
function describeForm(form: OptionSchema): string {
  return form.properties ? describeGroup(form) : describeOption(form);
}

function describeGroup({ properties = {}, required = [] }: OptionSchema): string {
  const names = Object.keys(properties).map((name) => (required.includes(name) ? name : `${name}?`));
  return `\`{ ${names.join(", ")} }\``;
}

function describeRange({ minimum, exclusiveMinimum, maximum }: OptionSchema): string {
  if (minimum !== undefined && maximum !== undefined) return ` from ${minimum} to ${maximum}`;
  if (exclusiveMinimum !== undefined)
    return ` above ${exclusiveMinimum}${maximum === undefined ? "" : `, at most ${maximum}`}`;
  return minimum === undefined ? "" : `, at least ${minimum}`;
}

function oneOf(values: readonly string[]): string {
  return values.length < 2 ? values.join("") : `${values.slice(0, -1).join(", ")} or ${values.at(-1)}`;
}
