import { readFileSync } from "node:fs";
import { basename } from "node:path";
import { UserError } from "../core/errors";
import { jsonText } from "../core/text";
import { blockOf, withoutComments } from "./cli-config";

/** The file that `terraform login` writes. Terraform reads it whichever configuration is named. */
const ofLogin = "credentials.tfrc.json";

/**
 * A user's configuration, restricted to the providers at these addresses: with each installation method of the user's, or
 * directly from the registry if there is none. Terraform installs every provider in a state, and somebody else may have written
 * the state.
 * @param files the user's configuration files, possibly none
 * @param addresses such as "registry.terraform.io/hashicorp/vault"
 * @throws UserError if the files have two syntaxes, which cannot be joined in one file
 */
export function narrowedCliConfig(files: readonly string[], addresses: readonly string[]): string {
  const kept = files.filter((file) => basename(file) !== ofLogin);
  const texts = kept.map((file) => readFileSync(file, "utf8")).filter((text) => text.trim() !== "");
  if (texts.some((text) => text.trimStart().startsWith("{"))) {
    if (texts.length > 1) throw twoSyntaxes(kept);
    return narrowedJson(JSON.parse(texts[0]!), addresses);
  }
  const text = texts.join("\n");
  const plain = withoutComments(text);
  const body = blockOf(plain, "provider_installation");
  if (body === undefined) return `${text.trim()}\n\n${block([{ name: "direct", lines: [] }], addresses)}`;
  const rest = plain.split(body).join("");
  return `${rest.trim()}\n\n${block(methodsIn(body), addresses)}`;
}

/** A provider installation method. */
interface Method {
  readonly name: string;
  /** Its lines without `include`. */
  readonly lines: readonly string[];
  /** The providers that it is for; undefined if it is for all. */
  readonly include?: readonly string[];
}

const include = /\binclude\s*=\s*\[([^\]]*)\]/;

function methodsIn(text: string): Method[] {
  const named =
    /(?:^|[{}])[^\S\n]*(dev_overrides|filesystem_mirror|network_mirror|direct)\s*(?:=\s*)?(?=\{)/gm;
  return [...text.matchAll(named)].map(({ 0: start, 1: name = "", index }) => {
    const whole = blockOf(text.slice(index + start.indexOf(name)), name) ?? "{}";
    const body = whole.slice(whole.indexOf("{") + 1, -1);
    const list = include.exec(body)?.[1];
    const lines = body.replace(include, "").split("\n");
    return {
      name,
      lines: lines.filter((line) => line.trim() !== ""),
      ...(list === undefined ? {} : { include: [...list.matchAll(/"([^"]+)"/g)].map((found) => found[1]!) }),
    };
  });
}

function block(methods: readonly Method[], addresses: readonly string[]): string {
  const blocks = methods.map(({ name, lines, include }) => {
    const among = addresses.filter((address) => isAmong(address, include));
    // Overrides name each provider.
    const own = name === "dev_overrides" ? [] : [`    include = ${JSON.stringify(among)}`];
    return [`  ${name} {`, ...lines, ...own, "  }", ""].join("\n");
  });
  return `provider_installation {\n${blocks.join("")}}\n`;
}

type JsonMethod = { readonly include?: readonly string[] };

function narrowedJson(json: Record<string, unknown>, addresses: readonly string[]): string {
  const narrow = (method: JsonMethod) => ({
    ...method,
    include: addresses.filter((address) => isAmong(address, method.include)),
  });
  const groups = list(json.provider_installation ?? { direct: {} }) as Record<string, unknown>[];
  const provider_installation = groups.map((group) =>
    Object.fromEntries(
      Object.entries(group).map(([name, methods]) =>
        name === "dev_overrides" ? [name, methods] : [name, (list(methods) as JsonMethod[]).map(narrow)],
      ),
    ),
  );
  return jsonText({ ...json, provider_installation });
}

function list(value: unknown): unknown[] {
  return Array.isArray(value) ? value : [value];
}

/** Whether a pattern of Terraform's, such as "hashicorp/*", matches an address. A pattern without a host means the registry. */
function isAmong(address: string, patterns: readonly string[] | undefined): boolean {
  if (patterns === undefined) return true;
  const parts = address.split("/");
  return patterns.some((pattern) => {
    const named = pattern.split("/");
    const wanted = named.length === 2 ? [named[0] === "*" ? "*" : parts[0], ...named] : named;
    return wanted.length === 3 && wanted.every((name, index) => name === "*" || name === parts[index]);
  });
}

function twoSyntaxes(files: readonly string[]): UserError {
  return new UserError({
    problem: "Terraform's CLI configuration is in several files, one of which is JSON.",
    got: files.join(", "),
    expected: "one file, or several in Terraform's own syntax",
    fix: "Join them, or set TF_CLI_CONFIG_FILE to one of them.",
  });
}
