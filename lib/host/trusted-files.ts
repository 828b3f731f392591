import { lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../core/errors";
import { type Exchangeable, exchangeableEntry, exchangeableOnTheWay } from "../core/files/trusted-path";
import { cacheRoot } from "../core/system/cache-root";
import { findProgram } from "../core/system/find-program";
import { packageRoot } from "../core/system/package-root";

/** The parts of the program's folder that are run or compiled. */
const programParts = [
  "dist",
  "bundle",
  "lib",
  "scripts",
  "main.ts",
  "package.json",
  "package-lock.json",
  // npm reads it: it names registries, and programs that npm runs.
  ".npmrc",
];
/**
 * The parts of the cache that are run, each possibly a link: the offline bundle with Terraform and its providers, and the
 * mirror.
 */
const cacheParts = ["bundle", "mirror"];
const mostLevels = 8;

/** The programs of the system that commands start by their names. */
const systemPrograms = [
  ...["systemctl", "crontab", "getent", "id", "setpriv", "apt-get", "dpkg-deb", "iptables"],
  // Started without systemd.
  "dockerd",
];

/**
 * The first of some files and folders, or of the folders that lead to them, that another user than root owns or can write to:
 * root must not run it.
 */
export function exchangeable(paths: readonly string[]): Exchangeable | undefined {
  const seen = new Set<string>();
  const walked = new Map<string, number>();
  for (const path of paths) {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    const found =
      exchangeableOnTheWay(path, seen) ?? (isFolder ? below(path, mostLevels, walked) : undefined);
    if (found) return found;
  }
  return undefined;
}

/** The refusal, with the commands that fix it; undefined if everything belongs to root, or this user is not root. */
export function untrustedProgram(): UserError | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const root = packageRoot();
  const program = [...programParts.map((part) => join(root, part)), join(root, "node_modules")];
  const cache = cacheRoot();
  return (
    refusal(exchangeable(program), wayOut(root)) ??
    refusal(
      exchangeable([process.execPath]),
      "Run it with a Node.js that root installed: apt-get install nodejs, or unpack nodejs.org's archive again by tar with --no-same-owner",
    ) ??
    refusal(
      exchangeable(terraforms()),
      "Remove it from root's PATH and from TERRAFORM_BINARY_NAME, or install one as root",
    ) ??
    refusal(exchangeable(onPath(systemPrograms)), cleanPath) ??
    refusal(
      exchangeable([...cacheParts.map((part) => join(cache, part)), cache]),
      `Use a cache of root's own, which is filled again: export OPENCLAW_OPENROUTER_CACHE=/var/cache/openclaw-openrouter`,
    )
  );
}

const cleanPath = "Remove its folder from root's PATH, or put it after the system's folders";

/**
 * The path of a program that few commands start, judged only when one does; undefined if there is none.
 * @throws UserError if this is root, and another user could exchange it
 */
export function trustedProgram(name: string, path = process.env.PATH): string | undefined {
  const found = findProgram(name, path);
  const refused =
    found !== undefined && process.geteuid?.() === 0 ? refusal(exchangeable([found]), cleanPath) : undefined;
  if (refused) throw refused;
  return found;
}

function terraforms(): string[] {
  const { TERRAFORM_BINARY_NAME: named } = process.env;
  return onPath(["terraform", "tofu", ...(named ? [named] : [])]);
}

function onPath(names: readonly string[]): string[] {
  return names.flatMap((name) => findProgram(name) ?? []);
}

function wayOut(root: string): string {
  return [
    `As root, download it again from the source of ${root}, and start it there:`,
    // Not the folder in which the program is installed.
    "git clone <address> /opt/openclaw-openrouter-source",
    "cd /opt/openclaw-openrouter-source && npm start",
    "Only to try it here, without any secret: npm start -- --instance sandbox",
  ].join("\n");
}

function refusal(found: Exchangeable | undefined, fix: string): UserError | undefined {
  if (!found) return undefined;
  return new UserError({
    problem: "As root this would run what another user can exchange.",
    got: `${found.path}, which ${found.why}`,
    expected: "files and folders that belong to root and that nobody else can write to",
    fix,
  });
}

/**
 * Judges the content of a folder. Of `node_modules`, with its thousands of files, the first level is enough. Each command walks
 * through all of this, so one `lstat` reads both kind and owner of an entry: reading the kind separately would take half of the
 * time.
 */
function below(folder: string, levels: number, walked: Map<string, number>): Exchangeable | undefined {
  // This folder was already walked, at least as deep.
  if ((walked.get(folder) ?? 0) >= levels) return undefined;
  walked.set(folder, levels);
  const left = folder.endsWith("/node_modules") ? 1 : levels;
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    const entry = lstatSync(path, { throwIfNoEntry: false });
    // Another run may be compiling or downloading, so an entry may disappear.
    if (!entry) continue;
    const found =
      exchangeableEntry(path, entry) ??
      (left > 1 && entry.isDirectory() ? below(path, left - 1, walked) : undefined);
    if (found) return found;
  }
  return undefined;
}
