import { lstatSync, readdirSync, realpathSync, type Stats, statSync } from "node:fs";
import { dirname, join } from "node:path";
import { cacheRoot } from "../core/cache-root";
import { UserError } from "../core/errors";
import { reasonAgainst } from "../core/files/trusted-path";
import { findProgram } from "../core/find-program";
import { packageRoot } from "../core/package-root";

/** What of the program's folder is run or compiled. Of the packages only that nobody else put one in. */
const programParts = [
  "dist",
  "bundle",
  "lib",
  "scripts",
  "main.ts",
  "package.json",
  "package-lock.json",
  // npm obeys it: it names registries, and programs that npm runs.
  ".npmrc",
];
/** What the cache holds that is run, each perhaps a link: the offline parts, Terraform and its providers among them. */
const cacheParts = ["bundle", "mirror"];
const mostLevels = 8;

/** Something that another user than root could exchange. */
export interface Exchangeable {
  readonly path: string;
  /** See {@link reasonAgainst}. */
  readonly why: string;
}

/**
 * What root must not run: the first of some files and folders, or of the folders that lead to them, that another user than
 * root owns or may write.
 */
export function exchangeable(paths: readonly string[]): Exchangeable | undefined {
  const seen = new Set<string>();
  const walked = new Map<string, number>();
  for (const path of paths) {
    const isFolder = statSync(path, { throwIfNoEntry: false })?.isDirectory();
    const found = onTheWay(path, seen) ?? (isFolder ? below(path, mostLevels, walked) : undefined);
    if (found) return found;
  }
  return undefined;
}

/** The same of the folders that lead to a path, and not of what is in it. */
export function exchangeableOnTheWay(path: string): Exchangeable | undefined {
  return onTheWay(path, new Set());
}

/** The refusal, with the commands that help; undefined if all is root's, or this is not root. */
export function untrustedProgram(): UserError | undefined {
  if (process.geteuid?.() !== 0) return undefined;
  const root = packageRoot();
  const program = [...programParts.map((part) => join(root, part)), join(root, "node_modules")];
  const cache = cacheRoot();
  return (
    refusal(exchangeable(program), wayOut(root)) ??
    refusal(exchangeable([process.execPath]), "Run it with a Node of root's: apt-get install nodejs") ??
    refusal(exchangeable(terraforms()), "Take it from root's PATH, or have root install one of its own") ??
    refusal(
      exchangeable([...cacheParts.map((part) => join(cache, part)), cache]),
      `Let root have a cache of its own, which is filled again: export OPENCLAW_OPENROUTER_CACHE=/var/cache/openclaw-openrouter`,
    )
  );
}

function terraforms(): string[] {
  return ["terraform", "tofu"].flatMap((name) => findProgram(name) ?? []);
}

function wayOut(root: string): string {
  return [
    `Get it again as root, from where ${root} was got, and start it there:`,
    // Not where the program is installed.
    "git clone <address> /opt/openclaw-openrouter-source",
    "cd /opt/openclaw-openrouter-source && npm start",
  ].join("\n");
}

function refusal(found: Exchangeable | undefined, fix: string): UserError | undefined {
  if (!found) return undefined;
  return new UserError({
    problem: "As root this would run what another user can exchange.",
    got: `${found.path}, which ${found.why}`,
    expected: "files of root's that nobody else may write, in folders of which the same is true",
    fix,
  });
}

/** Of a path, and of what it leads to if it is a link: each folder from the root of the file system on. */
function onTheWay(path: string, seen: Set<string>): Exchangeable | undefined {
  for (const each of [path, realPath(path)]) {
    if (!each || !lstatSync(each, { throwIfNoEntry: false })) continue;
    for (let place = each; ; place = dirname(place)) {
      if (seen.has(place)) break;
      seen.add(place);
      const found = judged(place, lstatSync(place));
      if (found) return found;
      if (place === dirname(place)) break;
    }
  }
  return undefined;
}

/** Undefined for a link that leads nowhere. */
function realPath(path: string): string | undefined {
  try {
    return realpathSync(path);
  } catch {
    return undefined;
  }
}

/**
 * Of packages there are thousands of files: of those the first level is enough. Each command walks through all of this, and half
 * of the time would go into what tells an entry's kind before its owner is read.
 */
function below(folder: string, levels: number, walked: Map<string, number>): Exchangeable | undefined {
  // Part of what was walked through before, and at least as deep.
  if ((walked.get(folder) ?? 0) >= levels) return undefined;
  walked.set(folder, levels);
  const left = folder.endsWith("/node_modules") ? 1 : levels;
  for (const name of readdirSync(folder)) {
    const path = `${folder}/${name}`;
    const entry = lstatSync(path, { throwIfNoEntry: false });
    // Another run may compile or download at this moment.
    if (!entry) continue;
    const found =
      judged(path, entry) ?? (left > 1 && entry.isDirectory() ? below(path, left - 1, walked) : undefined);
    if (found) return found;
  }
  return undefined;
}

function judged(path: string, entry: Stats): Exchangeable | undefined {
  const why = reasonAgainst(entry, true);
  return why ? { path, why } : undefined;
}
