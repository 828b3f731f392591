import { readdirSync, readFileSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { attempt } from "../core/attempt";
import { requireTrusted } from "../core/files/trusted-path";

/** The user's own CLI configuration of Terraform or OpenTofu. */
export interface CliConfig {
  readonly files: readonly string[];
  /** The whole text, which may contain credentials. */
  readonly text: string;
  /** A text that changes with every edit, and if other files are read. */
  readonly stamp: string;
}

/**
 * Reads the configuration as the program does. A missing file is no configuration.
 * @throws UserError if another user could exchange a file of it, or the providers in a folder that it or TF_PLUGIN_CACHE_DIR names
 */
export function userCliConfig(kind: "terraform" | "tofu", env: NodeJS.ProcessEnv = process.env): CliConfig {
  const named = env.TF_CLI_CONFIG_FILE;
  const files = (named ? [named] : usualFiles(kind, env)).filter(isFile);
  for (const file of files) requireTrusted(file, "Terraform's configuration");
  const text = files.map((file) => readFileSync(file, "utf8")).join("\n");
  requireTrustedProviders(text, env);
  return {
    files,
    text,
    stamp: JSON.stringify(files.map((file) => [file, statSync(file).mtimeMs, statSync(file).size])),
  };
}

/** Terraform links the installed providers to a cache, and to a mirror that holds them unpacked. */
function requireTrustedProviders(text: string, env: NodeJS.ProcessEnv): void {
  const { TF_PLUGIN_CACHE_DIR: cache } = env;
  const named = withoutComments(text).matchAll(/\bplugin_cache_dir"?\s*[=:]\s*"([^"]+)"/g);
  const caches = cache ? [cache] : [...named].map(([, path = ""]) => expanded(path, env));
  const fix = cache ? "unset TF_PLUGIN_CACHE_DIR" : undefined;
  for (const folder of caches) requireTrusted(folder, "Terraform's plugin cache", { fix });
  for (const folder of providerInstallation(text)?.filesystemMirrors ?? [])
    requireTrusted(folder, "Terraform's filesystem mirror");
}

/** Terraform replaces variables in the path of its cache. */
function expanded(path: string, env: NodeJS.ProcessEnv): string {
  return path.replace(/\$(?:\{(\w+)\}|(\w+))/g, (_, braced, bare) => env[braced ?? bare] ?? "");
}

function usualFiles(kind: "terraform" | "tofu", env: NodeJS.ProcessEnv): string[] {
  const home = env.HOME || homedir();
  const terraform = join(home, ".terraformrc");
  const own = [
    join(home, ".tofurc"),
    terraform,
    join(env.XDG_CONFIG_HOME || join(home, ".config"), "opentofu/tofurc"),
  ];
  const main = kind === "terraform" ? terraform : own.find(isFile);
  const folder = join(home, ".terraform.d");
  return [
    ...(main ? [main] : []),
    ...(attempt(() => readdirSync(folder).sort()) ?? [])
      .filter((name) => /\.tfrc(\.json)?$/.test(name))
      .map((name) => join(folder, name)),
  ];
}

/** The sources of providers in a `provider_installation` block. */
export interface ProviderInstallation {
  readonly networkMirrors: readonly string[];
  readonly filesystemMirrors: readonly string[];
  /** Whether the registry itself is among the sources. */
  readonly direct: boolean;
}

/** The block of a configuration; undefined if there is none. */
export function providerInstallation(text: string): ProviderInstallation | undefined {
  const block = blockOf(withoutComments(text), "provider_installation");
  if (block === undefined) return undefined;
  const values = (name: string) =>
    [...block.matchAll(new RegExp(`"?\\b${name}"?\\s*[=:]\\s*"([^"]+)"`, "g"))].map(
      (match) => match[1] ?? "",
    );
  return {
    networkMirrors: values("url"),
    filesystemMirrors: values("path"),
    direct: /\bdirect\b"?\s*[:=]?\s*[{[]/.test(block),
  };
}

/** Whether a configuration contains more than providers: credentials of backends, or addresses of hosts. */
export function hasCredentials(text: string): boolean {
  return /^[^\S\n]*(credentials|credentials_helper|host)\s+"/m.test(withoutComments(text));
}

/** The text without comments. A comment starts a line or follows a space, so `https://` is not one. */
export function withoutComments(text: string): string {
  return text.replace(/\/\*[\s\S]*?\*\//g, "").replace(/(^|\s)(#|\/\/).*$/gm, "$1");
}

/** The text of a block or object, from its name to its last bracket; undefined if there is none. */
export function blockOf(text: string, name: string): string | undefined {
  const start = new RegExp(`\\b${name}"?\\s*[:=]?\\s*[{[]`).exec(text);
  if (!start) return undefined;
  let depth = 0;
  for (let index = start.index + start[0].length - 1; index < text.length; index++) {
    if ("{[".includes(text[index] ?? "")) depth++;
    else if ("}]".includes(text[index] ?? "") && --depth === 0) return text.slice(start.index, index + 1);
  }
  return text.slice(start.index);
}

function isFile(path: string): boolean {
  return statSync(path, { throwIfNoEntry: false })?.isFile() ?? false;
}
