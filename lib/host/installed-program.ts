import { lstatSync, realpathSync } from "node:fs";
import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { z } from "zod";
import { sandboxInstance } from "../config/sandbox";
import { attempt } from "../core/attempt";
import { readTextIfThere } from "../core/files/files";
import { packageRoot } from "../core/system/package-root";
import { quote } from "../core/text";
import { compareVersions } from "../core/version";
import { compiledFile, isSameCode, programFile, readManifest } from "./program-files";
import { exchangeable } from "./trusted-files";

/** The folder of the one installed copy of the program, and the link by which a shell finds it. */
export interface InstallPlaces {
  readonly folder: string;
  readonly link: string;
}

/** The link in the installed copy's folder that leads to the copy in use. */
export const currentLink = "current";

/** The file in which a copy describes itself. */
export const copyRecordFile = "installed.json";
const copyRecord = z.object({
  /** The commit of the clone from which it was copied. */
  commit: z.string().exactOptional(),
  /** The size of each file. */
  files: z.record(z.string(), z.int()),
});
type CopyRecord = z.output<typeof copyRecord>;

/**
 * The places of the installed copy: `/opt/openclaw-openrouter` and `/usr/local/bin` for root,
 * `~/.local/share/openclaw-openrouter` and `~/.local/bin` for another user, or OPENCLAW_OPENROUTER_INSTALL and its `bin`.
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
 * The installed copy's first file, by a path that stays the same if the copy is replaced; undefined if there is none, if
 * another user could exchange it, or if it is not the running program.
 */
export function installedProgram(
  { folder }: InstallPlaces = installPlaces(),
  root: string = packageRoot(),
): string | undefined {
  const program = join(folder, currentLink, programFile);
  if (!lstatSync(program, { throwIfNoEntry: false })?.isFile()) return undefined;
  return isSameCode(root, join(folder, currentLink)) && !exchangeable([program]) ? program : undefined;
}

/**
 * The program that a schedule of an instance runs. The sandbox uses no installed copy: its schedule runs the program with which
 * it was started.
 */
export function scheduledProgram(instance: string): string {
  return (instance === sandboxInstance ? undefined : installedProgram()) ?? runningProgram();
}

/** The program that Terraform's steps run: the same, with links resolved, so that a step and its run use the same copy. */
export function stepProgram(instance: string): string {
  const program = scheduledProgram(instance);
  return attempt(() => realpathSync(program)) ?? program;
}

/** The paths of the running program that a printed command can name, the shortest first. */
export function namedPrograms(places: InstallPlaces = installPlaces()): string[] {
  const running = runningProgram();
  // The running clone may have been deleted meanwhile.
  const installed = attempt(() => installedProgram(places));
  if (!installed) return [running];
  return leadsTo(places.link, installed) ? [places.link, installed, running] : [installed, running];
}

/**
 * The command that removes the installed copy and the link to it; of a clone in the copy's place, which is the user's, the link
 * alone. Undefined if nothing is installed.
 */
export function removalCommand({ folder, link }: InstallPlaces = installPlaces()): string | undefined {
  const current = join(folder, currentLink);
  const isCopy = readCopyRecord(current) !== undefined;
  const isLinked =
    leadsTo(link, join(isCopy ? current : folder, programFile)) && !link.startsWith(`${folder}/`);
  const paths = [...(isCopy ? [folder] : []), ...(isLinked ? [link] : [])];
  return paths.length > 0 ? `rm -r ${paths.map(quote).join(" ")}` : undefined;
}

/** Whether a path leads to the same file as another. */
export function leadsTo(path: string, other: string): boolean {
  return attempt(() => realpathSync(path) === realpathSync(other)) ?? false;
}

/** A description of the program in a folder, for a person: its version, the commit of its clone or "package", and its path. */
export function describeProgram(root: string): string {
  const { version } = readManifest(root);
  const commit = commitOf(root);
  return `${version}, ${commit ? `commit ${commit.slice(0, 12)}` : "package"}, ${root}`;
}

/** Whether the program in a folder is older than another: by version or, if that is the same, by compile time. */
export function isOlder(root: string, than: string): boolean {
  if (isSameCode(root, than)) return false;
  const order = compareVersions(readManifest(root).version, readManifest(than).version);
  return order < 0 || (order === 0 && compiledAt(root) < compiledAt(than));
}

function compiledAt(root: string): number {
  return lstatSync(join(root, compiledFile), { throwIfNoEntry: false })?.mtimeMs ?? 0;
}

/** The commit of a clone, or of the clone that a copy was made from; undefined for a package. */
export function commitOf(root: string): string | undefined {
  return readCopyRecord(root)?.commit ?? attempt(() => commitOfClone(join(root, ".git")));
}

/** The record of a copy; undefined if the folder contains no copy, or an incomplete one. */
export function readCopyRecord(root: string): CopyRecord | undefined {
  return attempt(() => copyRecord.parse(JSON.parse(readTextIfThere(join(root, copyRecordFile)) ?? "")));
}

/** The commit of a clone, read without Git, which the host may not have. @throws Error if a file of it cannot be read */
function commitOfClone(git: string): string | undefined {
  const folder = lstatSync(git).isFile() ? (lineOf(git, "gitdir: ") ?? git) : git;
  const common = resolve(folder, readTextIfThere(join(folder, "commondir"))?.trim() ?? ".");
  const head = readTextIfThere(join(folder, "HEAD"))?.trim() ?? "";
  if (!head.startsWith("ref: ")) return commit(head);
  const ref = head.slice("ref: ".length);
  const packed = () => readTextIfThere(join(common, "packed-refs"))?.split("\n") ?? [];
  return (
    commit(readTextIfThere(join(common, ref))) ?? commit(packed().find((line) => line.endsWith(` ${ref}`)))
  );
}

function lineOf(file: string, prefix: string): string | undefined {
  const text = readTextIfThere(file) ?? "";
  return text.startsWith(prefix) ? resolve(file, "..", text.slice(prefix.length).trim()) : undefined;
}

function commit(text: string | undefined): string | undefined {
  return /^[0-9a-f]{40,64}\b/.exec(text ?? "")?.[0];
}
