import { lstatSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { readTextIfThere } from "../core/files/files";
import { type Account, accountOf } from "../core/system/os-user";
import { jsonText, quote } from "../core/text";
import { isValidName } from "../model/instance-name";
import { homesRoot } from "./home";
import { publicFolder, removePublicFile, rootsPublicFolder, writePublicFile } from "./public-folder";

/**
 * What the user who runs OpenClaw can read of an instance that root deployed for them. That user cannot read root's instances
 * or their settings, so without this record a command would use another instance.
 */
const deployedFor = z.object({
  version: z.literal(1),
  instance: z.string().refine(isValidName),
  /** The uid of the user who runs OpenClaw. */
  uid: z.int(),
  /** The absolute path of root's program. */
  program: z.string().startsWith("/"),
});
type DeployedFor = z.output<typeof deployedFor>;

/** The record's file; undefined if the instance directory is outside the folder in which commands find instances by name. */
function fileOf(home: string): string | undefined {
  return dirname(home) === homesRoot() ? join(publicFolder(), `${basename(home)}.json`) : undefined;
}

/**
 * Records for the user who runs OpenClaw that root deployed it. Does nothing if that user deploys.
 * @param program the path of root's program, which stays if a clone is moved or removed
 */
export function publishDeployedFor(home: string, { uid }: Account, program: () => string): void {
  const path = fileOf(home);
  if (path === undefined || uid === process.getuid?.()) return;
  const record: DeployedFor = { version: 1, instance: basename(home), uid, program: program() };
  const text = jsonText(record);
  if (readTextIfThere(path) !== text) writePublicFile(path, text);
}

/** Removes the record together with the placed files. */
export function removeDeployedFor(home: string): void {
  const path = fileOf(home);
  if (path !== undefined) removePublicFile(path);
}

/**
 * Refuses a command of a user for whom root deployed.
 * @throws UserError (not deployed) that names the account and the command
 */
export function refuseIfRootDeployed(environment: NodeJS.ProcessEnv): void {
  const uid = process.getuid?.();
  if (uid === undefined || uid === 0) return;
  const found = records(rootsPublicFolder(environment)).find((record) => record.uid === uid);
  if (!found) return;
  const { name } = accountOf();
  throw new UserError({
    problem: `OpenClaw of the user ${name} was deployed by root, as the instance ${found.instance}. Its commands are root's.`,
    got: `${name} (uid ${uid}), who runs OpenClaw`,
    expected: "root, who deployed it",
    fix: `sudo ${quote(found.program)} check --instance ${found.instance}\nTo use an instance of ${name}'s own, name it: --instance sandbox needs no account.`,
    exitCode: ExitCode.NotDeployed,
  });
}

/** The records that root owns. Files of other users are ignored, since they prove nothing about root. */
function records(folder: string): DeployedFor[] {
  const names = attempt(() => readdirSync(folder)) ?? [];
  return names
    .filter((name) => name.endsWith(".json"))
    .flatMap((name) => {
      const path = join(folder, name);
      const entry = attempt(() => lstatSync(path));
      if (!entry?.isFile() || entry.uid !== 0) return [];
      return attempt(() => deployedFor.parse(JSON.parse(readFileSync(path, "utf8")))) ?? [];
    });
}
