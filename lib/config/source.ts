import { type Node as JsonNode, type ParseError, parseTree, printParseErrorCode } from "jsonc-parser";
import { isAlias, isMap, isScalar, isSeq, parseDocument, type Node as YamlNode } from "yaml";

/** The names and indexes that lead from the root to a value. */
export type Path = readonly (string | number)[];

/** The place of an option in the text: the offsets of its name and of the begin and end of its value. */
export interface Place {
  readonly name: number;
  readonly begin: number;
  readonly end: number;
}

/** A problem of the text itself. `message` quotes no part of the text, which can hold a secret. */
interface TextProblem {
  readonly offset: number;
  readonly message: string;
  /** Set if the name at this path occurs a second time. */
  readonly duplicate?: Path;
}

const json = "JSON (comments are allowed)";

/** The values of a settings file, and their places. */
export interface SettingsSource {
  readonly syntax: typeof json | "YAML";
  /** Undefined if the text does not parse; an empty text is an empty object. */
  readonly value: unknown;
  readonly problems: readonly TextProblem[];
  placeOf(path: Path): Place | undefined;
}

/** Plain messages for the errors that the YAML parser reports in terms of its own API. */
const yamlMessages: Readonly<Record<string, string>> = {
  MULTIPLE_DOCS: "several documents in one file",
  NON_STRING_KEY: "a name that is not text",
};

/** Habits of JSON5 and YAML are invalid symbols; "PropertyNameExpected" reads "property name expected". */
function jsonMessage({ error }: ParseError): string {
  const name = printParseErrorCode(error);
  if (name === "InvalidSymbol") return "an invalid symbol, such as a name or text without double quotes";
  return name.replace(/\B[A-Z]/g, (letter) => ` ${letter}`).toLowerCase();
}

/** Collects the place of each option while a parser's tree is walked. */
class Places {
  private readonly places = new Map<string, Place>();
  readonly problems: TextProblem[] = [];

  add(path: Path, place: Place): void {
    const key = JSON.stringify(path);
    if (this.places.has(key)) {
      this.problems.push({ offset: place.name, message: "a duplicate name", duplicate: path });
    } else {
      this.places.set(key, place);
    }
  }

  get = (path: Path): Place | undefined => this.places.get(JSON.stringify(path));
}

/** Reads JSON with comments and trailing commas. */
export function parseJsonSource(text: string): SettingsSource {
  const errors: ParseError[] = [];
  const root = parseTree(text, errors, { allowTrailingComma: true, allowEmptyContent: true });
  if (errors.length > 0) {
    const problems = errors.map((error) => ({ offset: error.offset, message: jsonMessage(error) }));
    return unparsed(json, text, problems);
  }
  const places = new Places();
  const value = root ? walkJson(root, [], root.offset, places) : {};
  return { syntax: json, value, problems: places.problems, placeOf: places.get };
}

function walkJson(node: JsonNode, path: Path, name: number, places: Places): unknown {
  places.add(path, { name, begin: node.offset, end: node.offset + node.length });
  const children = node.children ?? [];
  if (node.type === "array")
    return children.map((child, i) => walkJson(child, [...path, i], child.offset, places));
  if (node.type !== "object") return node.value;
  return Object.fromEntries(
    children.map((property) => {
      const [key, value] = property.children as [JsonNode, JsonNode];
      return [key.value, walkJson(value, [...path, key.value], key.offset, places)];
    }),
  );
}

/** Reads YAML 1.2 without tags, anchors and aliases, which settings do not need. */
export function parseYamlSource(text: string): SettingsSource {
  const document = parseDocument(text, {
    prettyErrors: false,
    stringKeys: true,
    uniqueKeys: false,
    schema: "core",
  });
  const errors = [...document.errors, ...document.warnings];
  if (errors.length > 0) {
    const problems = errors.map((error) => ({
      offset: error.pos[0],
      message: yamlMessages[error.code] ?? withoutQuotes(error.message),
    }));
    return unparsed("YAML", text, problems);
  }
  const places = new Places();
  const value = document.contents ? walkYaml(document.contents, [], undefined, places) : undefined;
  return { syntax: "YAML", value: value ?? {}, problems: places.problems, placeOf: places.get };
}

function walkYaml(node: YamlNode | null, path: Path, name: YamlNode | undefined, places: Places): unknown {
  const [begin, end] = node?.range ?? name?.range ?? [0, 0];
  places.add(path, { name: name?.range?.[0] ?? begin, begin, end });
  if (isAlias(node) || node?.anchor) {
    places.problems.push({ offset: begin, message: "an anchor or alias; settings write each value out" });
    return undefined;
  }
  if (isMap<YamlNode, YamlNode | null>(node)) {
    return Object.fromEntries(
      node.items.map((pair) => {
        const key = isScalar(pair.key) ? String(pair.key.value) : "";
        return [key, walkYaml(pair.value, [...path, key], pair.key, places)];
      }),
    );
  }
  if (isSeq<YamlNode | null>(node))
    return node.items.map((item, i) => walkYaml(item, [...path, i], undefined, places));
  return isScalar(node) ? node.value : null;
}

/** The message of the YAML parser without the part that quotes the text. */
function withoutQuotes(message: string): string {
  return (message.split(": ")[0] ?? message).replace(/^[A-Z]/, (letter) => letter.toLowerCase());
}

/** A text that does not parse, with the first problem of each line: one missing character often causes several errors. */
function unparsed(
  syntax: SettingsSource["syntax"],
  text: string,
  problems: readonly TextProblem[],
): SettingsSource {
  const lines = new Set<number>();
  const first = problems.filter(({ offset }) => {
    const { line } = lineAndColumn(text, offset);
    return !lines.has(line) && lines.add(line);
  });
  return { syntax, value: undefined, problems: first, placeOf: () => undefined };
}

/** Line and column of an offset, both counted from 1. */
export function lineAndColumn(text: string, offset: number): { line: number; column: number } {
  const before = text.slice(0, offset);
  const line = before.split("\n").length;
  return { line, column: offset - before.lastIndexOf("\n") };
}
