import { randomUUID } from "node:crypto";
import { accessSync, constants, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { homedir } from "node:os";
import { basename, dirname, join, resolve } from "node:path";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { parseJson, readTextIfThere, writeJson } from "../core/files/files";
import { nearestExisting, requireTrusted } from "../core/files/trusted-path";
import { readOnly } from "../core/refused";
import { quote } from "../core/text";
import { homePaths } from "../model/home-paths";
import { isValidName, validName } from "../model/instance-name";
import { ownerOf, parseState } from "../model/terraform-state";
import { publicFolder } from "./public-folder";

/** The folder of all instance directories: `~/.openclaw-openrouter`, or OPENCLAW_OPENROUTER_HOME. */
export function homesRoot(environment: NodeJS.ProcessEnv = process.env): string {
  return resolve(environment.OPENCLAW_OPENROUTER_HOME || join(homedir(), ".openclaw-openrouter"));
}

/** @throws UserError (wrong usage) if the name is not valid: it could lead to another directory */
export function instanceHome(instance: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(homesRoot(environment), validName(instance));
}

/** The names of the instances of this host of which a deploy began. */
export function instances(environment: NodeJS.ProcessEnv = process.env): string[] {
  const root = homesRoot(environment);
  if (!existsSync(root)) return [];
  requireTrusted(root, "The folder of all instance directories");
  return ofOwnUser(root, () => readdirSync(root))
    .filter(isValidName)
    .filter((name) => isBegun(join(root, name)));
}

/** Whether a deploy, a restore or a join of the instance began: `synth` makes no more of it than its id. */
function isBegun(home: string): boolean {
  const { instance } = homePaths(home);
  if (!existsSync(instance)) return false;
  return readdirSync(home).some(
    (name) => name !== basename(instance) && !name.startsWith("openrouter.settings."),
  );
}

/**
 * Creates the instance directory if it is missing, and verifies that only its user can read it.
 * @throws UserError if it belongs to another user, others can read it, or it cannot be written to
 */
export function ensureHome(home: string): void {
  if (/[$%]\{/.test(home)) {
    throw new UserError({
      problem: "OpenTofu would read the path of the instance directory as an expression.",
      got: home,
      expected: "a path without ${ and %{",
      fix: "Set OPENCLAW_OPENROUTER_HOME to another folder.",
    });
  }
  // Nothing is made in the home of another user, which `sudo -E` keeps.
  if (!existsSync(home)) requireTrusted(nearestExisting(home), "The place of the instance directory");
  requireUsersHome();
  try {
    // Node's own error names a folder that is missing where the file system is read-only.
    if (!existsSync(home)) accessSync(nearestExisting(home), constants.W_OK);
    mkdirSync(home, { recursive: true, mode: 0o700 });
    const { mode, uid } = statSync(home);
    if (process.getuid && uid !== process.getuid()) {
      throw new UserError({
        problem: `The instance directory ${home} belongs to another user.`,
        got: `uid ${uid}`,
        expected: `uid ${process.getuid()}, who runs this`,
        fix: "Run this as the user who deployed the instance.",
      });
    }
    if ((mode & 0o077) !== 0) {
      throw new UserError({
        problem: `The instance directory ${home} can be read by others, and it holds unseal key shares.`,
        got: `mode ${(mode & 0o777).toString(8)}`,
        expected: "mode 700",
        fix: `chmod 700 ${quote(home)}\nIf another user may have read it, make new shares, credentials and a new key afterwards:\nopenclaw-openrouter shares rekey\nopenclaw-openrouter vault renew-identities\nopenclaw-openrouter key rotate`,
      });
    }
    requireTrusted(home, "The instance directory");
    accessSync(home, constants.W_OK | constants.X_OK);
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { code } = error as NodeJS.ErrnoException;
    throw new UserError({
      problem: `The instance directory ${home} cannot be written to.`,
      got: code ?? String(error),
      expected: "a folder of your own",
      fix: `${code === "EROFS" ? readOnly : "Change its owner to your user."} OPENCLAW_OPENROUTER_HOME names another one.`,
    });
  }
}

/**
 * An instance has files in its user's home directory beside its own, such as its CA. A service's account often has no home
 * directory, or one that is root's: a deploy would fail once Vault runs, and `destroy` too.
 * @throws UserError if they cannot be written
 */
function requireUsersHome(): void {
  if (process.getuid?.() === 0) return;
  const folder = nearestExisting(publicFolder());
  attempt(
    () => accessSync(folder, constants.W_OK | constants.X_OK),
    (error) => {
      const { code } = error as NodeJS.ErrnoException;
      throw new UserError({
        problem: `This user cannot write to ${publicFolder()}, which holds files of an instance. Nothing was changed.`,
        got: `${code} for ${folder}; the home directory is ${homedir()}`,
        expected: "a home directory of its own",
        fix:
          code === "EROFS"
            ? readOnly
            : "As a service's account without one, name a folder of its own for each command: export HOME=/path/to/folder",
      });
    },
  );
}

/** @throws UserError if the folder belongs to another user: only the user who deployed can read it */
function ofOwnUser<T>(folder: string, read: () => T): T {
  try {
    return read();
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code !== "EACCES" && code !== "EPERM") throw error;
    throw new UserError(
      {
        problem: `${folder} cannot be read: it is another user's.`,
        got: `${code} for uid ${process.getuid?.()}`,
        expected: "the user who deployed the instance",
        fix: "Run this as that user. For a user without rights to the instance: openclaw-openrouter drift --from-report FILE",
      },
      { cause: error },
    );
  }
}

/** The record of an instance of which a deploy began. @throws UserError as {@link readInstance} does */
export function begunInstance(home: string): InstanceRecord | undefined {
  const record = readInstance(home);
  return isBegun(home) ? record : undefined;
}

/** The name of an instance of this host with an id. @param except an instance that is left out */
export function instanceWithId(id: string | undefined, except: string): string | undefined {
  return instances().find((name) => name !== except && readInstance(instanceHome(name))?.id === id);
}

/** The format of an instance directory. It is raised with each change that an older or newer program would misread. */
const format = 2;

export const instanceRecord = z.object({
  format: z.literal(format),
  id: z.uuid(),
  created: z.iso.datetime(),
});
type InstanceRecord = z.output<typeof instanceRecord>;

/**
 * The record that makes a directory an instance; undefined if there is none yet.
 * @throws UserError if another version of this program made it in another format
 */
export function readInstance(home: string): InstanceRecord | undefined {
  requireTrusted(home, "The instance directory");
  const path = homePaths(home).instance;
  const text = ofOwnUser(home, () => readTextIfThere(path));
  if (text === undefined) return undefined;
  requireFormat(path, text);
  return parseJson(text, instanceRecord, path);
}

function requireFormat(path: string, text: string): void {
  const found = formatOf(text);
  if (found === undefined || found === format) return;
  throw new UserError({
    problem: `The instance directory ${dirname(path)} has another format than this version of openclaw-openrouter reads. Nothing was changed.`,
    got: `format ${found}`,
    expected: `format ${format}`,
    fix:
      found < format
        ? "Remove it with the version that made it (back up its Vault's contents, then destroy --purge), then run up with this one."
        : "Use the version that made it, or a newer one.",
  });
}

/** The format of a record; undefined if the text is no such record. The first format has no number. */
function formatOf(text: string): number | undefined {
  const record = attempt(() => JSON.parse(text) as { format?: unknown; id?: unknown } | null);
  if (typeof record?.format === "number") return record.format;
  return record?.format === undefined && z.uuid().safeParse(record?.id).success ? 1 : undefined;
}

/**
 * The instance's record, created once: its id labels the managed container and volumes. If only the record is lost, the id is
 * read from Terraform's state beside it.
 */
export function ensureInstance(home: string): InstanceRecord {
  ensureHome(home);
  const known = readInstance(home);
  if (known) return known;
  return writeInstance(home, labelled(home) ?? randomUUID(), new Date().toISOString());
}

/** Makes a directory the instance with that id, in the current format. @param created ISO 8601 */
export function writeInstance(home: string, id: string, created: string): InstanceRecord {
  const record: InstanceRecord = { format, id, created };
  writeJson(homePaths(home).instance, record);
  return record;
}

function labelled(home: string): string | undefined {
  const path = homePaths(home).state("vault");
  return attempt(() => ownerOf(parseState(JSON.parse(readTextIfThere(path) ?? "null"))));
}
