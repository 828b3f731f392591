import { text } from "node:stream/consumers";
import { defaultInstance, sandboxInstance } from "../../config/sandbox";
import { wrongUsage } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { homePaths } from "../../model/home-paths";
import { inspectKey, keyPreview } from "../../model/openrouter-key";
import { begunInstance, instanceHome } from "../../store/home";
import { readKeyRecord } from "../../store/records/key-record";
import { type InstanceOptions, option, optionGroup, type ParsedBy } from "../options/options";
import { say } from "../output";
import type { AdminTokenOptions } from "./admin-token";
import { readGivenFile } from "./given-file";
import { askSecret, isInteractive } from "./prompts";

export const keyOptions = optionGroup(
  option("--key-file <file>", "read the OpenRouter API key from a file"),
  option("--key-stdin", "read the OpenRouter API key from standard input", { conflicts: "keyFile" }),
);
export type KeyOptions = ParsedBy<typeof keyOptions> & Pick<InstanceOptions, "instance">;

export const replaceKeyOption = option("--replace-key", "replace a working key that was stored by hand");
export type ReplaceOptions = ParsedBy<typeof replaceKeyOption>;

/** Whether {@link readGivenKey} finds a key, or would ask for one. */
export function isKeyGivenOrAsked(options: KeyOptions): boolean {
  const isGiven = options.keyStdin || options.keyFile || process.env.OPENROUTER_API_KEY !== undefined;
  return Boolean(isGiven) || (isFirstRun(options) && isInteractive());
}

/**
 * The OpenRouter key for this run: from `--key-stdin`, `--key-file`, OPENROUTER_API_KEY (for CI: other programs of the user can
 * read the environment of a process), or, at a first run on a terminal, a hidden prompt. Undefined if none is given.
 * @param hint what a person reads above the prompt: where to make a key. @default nobody is asked
 * @throws UserError if it does not have the form of a key (the message does not show it), or if one is to replace another and none
 *   is given
 */
export async function readGivenKey(
  options: KeyOptions & ReplaceOptions,
  hint?: string,
): Promise<string | undefined> {
  const given = await readOrAskForKey(options, hint);
  if (given !== undefined || !options.replaceKey) return given;
  throw wrongUsage({
    problem: "--replace-key needs the key that replaces the stored one. Nothing was changed.",
    got: "no key",
    expected: "a key from --key-file, --key-stdin or OPENROUTER_API_KEY",
    fix: "Give the key, or leave out --replace-key: the stored key stays.",
  });
}

async function readOrAskForKey(options: KeyOptions, hint: string | undefined): Promise<string | undefined> {
  const named = await readNamedKey(options);
  if (named !== undefined) return named;
  const fromEnvironment = process.env.OPENROUTER_API_KEY;
  if (fromEnvironment !== undefined) return checkedKey(fromEnvironment, "OPENROUTER_API_KEY");
  if (hint === undefined || !isFirstRun(options) || !isInteractive()) return undefined;
  say(hint);
  const instance = namedInstance(options);
  return askForKey(
    instance
      ? `The OpenRouter API key of the instance ${instance} (not shown; Enter: none):`
      : "Your OpenRouter API key (not shown; Enter alone tries a local OpenRouter):",
  );
}

/** The key of `--key-stdin` or `--key-file`; undefined without either. */
export async function readNamedKey(options: KeyOptions): Promise<string | undefined> {
  if (options.keyStdin) return checkedKey(withoutLineEnd(await text(process.stdin)), "--key-stdin");
  if (options.keyFile)
    return checkedKey(withoutLineEnd(readGivenFile(options.keyFile, "The key file")), options.keyFile);
  return undefined;
}

/** The management key of OPENROUTER_MANAGEMENT_KEY, which is never stored; undefined if there is none. */
export function managementKeyGiven(): string | undefined {
  const given = process.env.OPENROUTER_MANAGEMENT_KEY;
  return given === undefined ? undefined : checkedKey(given, "OPENROUTER_MANAGEMENT_KEY");
}

/** The given management key, else for the instance `sandbox` that of its local OpenRouter; undefined if there is none. */
export async function readManagementKey({
  instance,
  home,
}: Pick<Deployment, "instance" | "home">): Promise<string | undefined> {
  const given = managementKeyGiven();
  if (given !== undefined || instance !== sandboxInstance) return given;
  const { sandboxManagementKey } = await import("../../sandbox/serve");
  return sandboxManagementKey(home);
}

/** Asks for a key at a hidden prompt. @returns undefined if nothing is typed */
export async function askForKey(message: string): Promise<string | undefined> {
  const typed = await askSecret(message);
  return typed === "" ? undefined : checkedKey(typed, "the prompt");
}

/** The instance that is named, or whose first deploy was interrupted before it stored a key. */
function namedInstance({ instance }: KeyOptions): string | undefined {
  const named = instance || process.env.OPENCLAW_OPENROUTER_INSTANCE;
  return named || (begunInstance(instanceHome(defaultInstance)) ? defaultInstance : undefined);
}

function isFirstRun(options: KeyOptions): boolean {
  const named = namedInstance(options);
  if (named) return named !== sandboxInstance && readKeyRecord(homePaths(instanceHome(named))).version === 0;
  return !begunInstance(instanceHome(sandboxInstance));
}

/** Removes the line break with which editors and `echo` end a file. */
function withoutLineEnd(raw: string): string {
  return raw.replace(/\r?\n$/, "");
}

/** @param source its origin, for the message */
export function checkedKey(raw: string, source: string): string {
  const result = inspectKey(raw);
  if ("key" in result) return result.key;
  const without = source.startsWith("OPENROUTER_") ? `; or, to go on without it: unset ${source}` : "";
  throw wrongUsage({
    problem: `The OpenRouter key from ${source} ${result.reason}. Nothing was changed.`,
    ...(raw.startsWith("sk-or-v1-") ? { got: `${keyPreview(raw)}…` } : {}),
    expected: "sk-or-v1-… exactly as openrouter.ai shows it, without blanks or quotes",
    fix: `Copy the key again (openrouter.ai shows one only once; else make another one), then run this again${without}.`,
  });
}

/** @throws UserError if both the key and an admin's token would be read from standard input */
export function refuseSharedStdin({ keyStdin, adminTokenStdin }: KeyOptions & AdminTokenOptions): void {
  if (!keyStdin || !adminTokenStdin) return;
  throw wrongUsage({
    problem: "Standard input holds one secret: either the key or the admin's token.",
    fix: "Give the other by --key-file or --admin-token-file.",
  });
}
