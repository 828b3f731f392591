import { readFileSync } from "node:fs";
import { extname } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { gunzipSync, gzipSync } from "node:zlib";
import { z } from "zod";
import { parseSettings, settingsFileNames } from "../config/file";
import type { Settings } from "../config/settings";
import { reasonOf, UserError } from "../core/errors";
import type { HomePaths } from "../model/home-paths";
import { instanceRecord } from "../store/home";
import { type Manifest, manifest } from "./manifest";
import { memberNamed, presentMembers } from "./members";

/** What a rebuild needs besides Vault's data. It is stored in Vault itself, so that Vault's barrier proves it. */
export interface Contents {
  readonly manifest: Manifest;
  /** The settings file, if the instance had one. */
  readonly settings?: SettingsMember;
  /** The files of the instance directory, by their names in a backup. */
  readonly files: ReadonlyMap<string, string>;
}

interface SettingsMember {
  /** One of the file names of settings. */
  readonly name: string;
  readonly text: string;
  readonly parsed: Settings;
}

/** The maximum size of settings, in characters. */
const largestSettings = 64 * 1024;

/** The contents as stored in Vault, after decompression. */
const document = z.strictObject({
  manifest,
  settings: z
    .strictObject({
      name: z.enum(settingsFileNames as [string, ...string[]]),
      text: z.string().max(largestSettings),
    })
    .exactOptional(),
  files: z.record(z.string().max(200), z.string()),
});

/** The maximum size of the document, in bytes. It is held in memory. */
const largestDocument = 24 * 2 ** 20;

/**
 * Gathers the contents as the compressed document for Vault.
 * @param settingsFile the settings file; undefined if all settings are defaults
 * @throws UserError if a file is too large for a backup
 */
export function gatherContents(home: HomePaths, of: Manifest, settingsFile: string | undefined): Buffer {
  const files = presentMembers(home).map(({ name, path, limit }) => {
    const text = readFileSync(path(home), "utf8");
    if (Buffer.byteLength(text) <= limit) return [name, text];
    if (name === "journal.jsonl") return [name, lastLines(text, limit)];
    throw tooLarge(path(home), limit);
  });
  const settings = settingsFile && {
    // With --settings, the file can have any name.
    name: `openrouter.settings${extname(settingsFile).toLowerCase()}`,
    text: readFileSync(settingsFile, "utf8"),
  };
  if (settings && settings.text.length > largestSettings) throw tooLarge(settings.name, largestSettings);
  const all = { manifest: of, ...(settings ? { settings } : {}), files: Object.fromEntries(files) };
  const text = JSON.stringify(all);
  if (Buffer.byteLength(text) > largestDocument) throw tooLarge(home.root, largestDocument);
  return gzipSync(text);
}

function lastLines(text: string, limit: number): string {
  const end = Buffer.from(text).subarray(-limit).toString("utf8");
  return end.slice(end.indexOf("\n") + 1);
}

/**
 * Validates the contents of a snapshot strictly, although Vault proves them: a writer of the backup mount, such as the
 * deployer, must not be able to write files of the host.
 * @param outside the manifest beside the snapshot
 * @throws UserError if anything in it is not what this program writes
 */
export function judgeContents(compressed: Buffer, outside: Manifest): Contents {
  const { settings, files, manifest: inside } = parse(compressed);
  if (!isDeepStrictEqual(inside, outside))
    throw refused("a manifest.json beside the snapshot that is not the one in it");
  const judged = new Map<string, string>();
  for (const [name, text] of Object.entries(files)) judged.set(name, judgeFile(name, text));
  const record = judged.get("instance.json");
  if (record !== undefined && instanceRecord.parse(JSON.parse(record)).id !== inside.instanceId)
    throw refused("an instance.json of another instance");
  return {
    manifest: inside,
    files: judged,
    ...(settings ? { settings: { ...settings, parsed: settingsIn(settings, inside.instance) } } : {}),
  };
}

function parse(compressed: Buffer): z.output<typeof document> {
  try {
    const text = gunzipSync(compressed, { maxOutputLength: largestDocument }).toString("utf8");
    return document.parse(JSON.parse(text));
  } catch {
    throw refused("a document that is not a list of an instance's files");
  }
}

function judgeFile(name: string, text: string): string {
  const member = memberNamed(name);
  if (!member) throw refused(`an unexpected file ${JSON.stringify(name.slice(0, 80))}`);
  if (Buffer.byteLength(text) > member.limit)
    throw refused(`a ${member.name} of more than ${member.limit} bytes`);
  try {
    return member.judge(text);
  } catch (error) {
    throw refused(error instanceof UserError ? reasonOf(error) : `an unexpected ${member.name}`);
  }
}

function settingsIn({ name, text }: { name: string; text: string }, instance: string): Settings {
  try {
    return parseSettings(text, name, instance);
  } catch (error) {
    throw refused(`invalid settings: ${reasonOf(error)}`);
  }
}

function refused(got: string): UserError {
  return new UserError({
    problem:
      "The instance's files in the backup's snapshot are not what this program writes. Nothing was changed.",
    got,
    expected: "the files that `openclaw-openrouter backup create` writes",
    fix: "Use another backup. The creator of this one has the shares, or the deployer's credential. For new ones: openclaw-openrouter shares rekey, then openclaw-openrouter vault renew-identities",
  });
}

function tooLarge(path: string, limit: number): UserError {
  return new UserError({
    problem: `${path} is larger than a backup takes.`,
    expected: `${limit} bytes at most`,
    fix: "Move it away if this program did not write it.",
  });
}
