import { lstatSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { sandboxInstance } from "../config/sandbox";
import { readTextIfThere } from "../core/files/files";
import { packageRoot } from "../core/package-root";
import { quote } from "../core/text";
import { compareVersions } from "../core/version";
import { isSameCode, programFile, readManifest } from "./program-files";
import { exchangeable } from "./trusted-files";

/** Where the one installed copy of the program is, and the link by which a shell finds it. */
export interface InstallPlaces {
  readonly folder: string;
  readonly link: string;
}

/** The link in the installed copy's folder that leads to the copy in use. */
export const currentLink = "current";

/** What a copy says about itself, in a file of its own. */
export const copyRecordFile = "installed.json";
export const copyRecord = z.object({
  /** The commit of the clone that it was copied from. */
  commit: z.string().exactOptional(),
  /** The size of each file. */
  files: z.record(z.string(), z.int()),
});
export type CopyRecord = z.output<typeof copyRecord>;

/**
 * `/opt/openclaw-openrouter` and `/usr/local/bin` for root, `~/.local/share/openclaw-openrouter` and `~/.local/bin` for another
 * user, or OPENCLAW_OPENROUTER_INSTALL and its `bin`.
 */
export function installPlaces(environment: NodeJS.ProcessEnv = process.env): InstallPlaces {
  const name = "openclaw-openrouter";
  const named = environment.OPENCLAW_OPENROUTER_INSTALL;
  if (named) return { folder: resolve(named), link: join(resolve(named), "bin", name) };
  if (process.getuid?.() === 0) return { folder: `/opt/${name}`, link: `/usr/local/bin/${name}` };
  const home = environment.HOME || homedir();
  return { folder: join(home, ".local/share", name), link: join(home, ".local/bin", name) };
}

/** The first file of the running program. */
export function runningProgram(): string {
  return process.env.OPENCLAW_OPENROUTER_BIN ?? process.argv[1] ?? join(packageRoot(), programFile);
}

/**
 * The installed copy's first file, by a path that stays when the copy is renewed; undefined where there is none, where another
 * user could exchange it, or where it is not the program that runs.
 */
export function installedProgram(
  { folder }: InstallPlaces = installPlaces(),
  root: string = packageRoot(),
): string | undefined {
  const program = join(folder, currentLink, programFile);
  if (!lstatSync(program, { throwIfNoEntry: false })?.isFile()) return undefined;
  return isSameCode(root, join(folder, currentLink)) && !exchangeable([program]) ? program : undefined;
}

/** The program that a schedule of an instance runs. The sandbox has nothing installed: it is run from where it was started. */
export function scheduledProgram(instance: string): string {
  return (instance === sandboxInstance ? undefined : installedProgram()) ?? runningProgram();
}

/** The program that Terraform's steps run: the same, but the very copy, since a step must not be of another than the run is. */
export function stepProgram(instance: string): string {
  const program = scheduledProgram(instance);
  try {
    return realpathSync(program);
  } catch {
    return program;
  }
}

/** The programs that a printed command may name, the shortest first. All of them are the one that runs. */
export function namedPrograms(places: InstallPlaces = installPlaces()): string[] {
  const running = runningProgram();
  const installed = installedOrNone(places);
  if (!installed) return [running];
  return leadsTo(places.link, installed) ? [places.link, installed, running] : [installed, running];
}

/** A clone may be deleted while it runs: what it prints then names it all the same. */
function installedOrNone(places: InstallPlaces): string | undefined {
  try {
    return installedProgram(places);
  } catch {
    return undefined;
  }
}

/** The command that removes the installed copy and the link to it; undefined where nothing is installed. */
export function removalCommand({ folder, link }: InstallPlaces = installPlaces()): string | undefined {
  const current = join(folder, currentLink);
  if (!readCopyRecord(current)) return undefined;
  const isLinked = leadsTo(link, join(current, programFile)) && !link.startsWith(`${folder}/`);
  const paths = isLinked ? [folder, link] : [folder];
  return `rm -r ${paths.map(quote).join(" ")}`;
}

/** Whether a path leads to the same file as another. */
export function leadsTo(path: string, other: string): boolean {
  try {
    return realpathSync(path) === realpathSync(other);
  } catch {
    return false;
  }
}

/** What the program in a folder is, for a person: its version, the commit of its clone or that it is a package, and where it is. */
export function describeProgram(root: string): string {
  const { version } = readManifest(root);
  const commit = commitOf(root);
  return `${version}, ${commit ? `commit ${commit.slice(0, 12)}` : "package"}, ${root}`;
}

/** Whether the program in a folder is older than another: by its version, and where that is the same, by when it was compiled. */
export function isOlder(root: string, than: string): boolean {
  if (isSameCode(root, than)) return false;
  const order = compareVersions(readManifest(root).version, readManifest(than).version);
  return order < 0 || (order === 0 && compiledAt(root) < compiledAt(than));
}

function compiledAt(root: string): number {
  return lstatSync(join(root, "dist/cli.mjs"), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The commit of a clone, or of the clone that a copy was made from; undefined for a package. */
export function commitOf(root: string): string | undefined {
  return readCopyRecord(root)?.commit ?? commitOfClone(join(root, ".git"));
}

/** Undefined where the folder holds no copy, or not a whole one. */
export function readCopyRecord(root: string): CopyRecord | undefined {
  try {
    return copyRecord.parse(JSON.parse(readTextIfThere(join(root, copyRecordFile)) ?? ""));
  } catch {
    return undefined;
  }
}

/** Git itself is not asked: a host need not have it. */
function commitOfClone(git: string): string | undefined {
  try {
    const folder = lstatSync(git).isFile() ? (lineOf(git, "gitdir: ") ?? git) : git;
    const common = resolve(folder, readTextIfThere(join(folder, "commondir"))?.trim() ?? ".");
    const head = readTextIfThere(join(folder, "HEAD"))?.trim() ?? "";
    if (!head.startsWith("ref: ")) return commit(head);
    const ref = head.slice("ref: ".length);
    return (
      commit(readTextIfThere(join(common, ref))) ??
      commit(
        readTextIfThere(join(common, "packed-refs"))
          ?.split("\n")
          .find((line) => line.endsWith(` ${ref}`)),
      )
    );
  } catch {
    return undefined;
  }
}

function lineOf(file: string, prefix: string): string | undefined {
  const text = readTextIfThere(file) ?? "";
  return text.startsWith(prefix) ? resolve(file, "..", text.slice(prefix.length).trim()) : undefined;
}

function commit(text: string | undefined): string | undefined {
  return /^[0-9a-f]{40,64}\b/.exec(text ?? "")?.[0];
}
