import { lstatSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { readTextIfThere } from "../core/files/files";
import { type Account, accountOf } from "../core/os-user";
import { quote } from "../core/text";
import { isValidName } from "../model/instance-name";
import { homesRoot } from "./home";
import { publicFolder, rootsPublicFolder, writePublicFile } from "./public-folder";

/**
 * What the user who runs OpenClaw may know of an instance that root deployed for them: that user reads neither root's instances
 * nor their settings, and would be served another one.
 */
const deployedFor = z.object({
  version: z.literal(1),
  instance: z.string().refine(isValidName),
  /** The uid of who runs OpenClaw. */
  uid: z.int(),
  /** Root's program, an absolute path. */
  program: z.string().startsWith("/").exactOptional(),
});
type DeployedFor = z.output<typeof deployedFor>;

/** Its file, if the instance directory is one that commands know by name. */
function fileOf(home: string): string | undefined {
  return dirname(home) === homesRoot() ? join(publicFolder(), `${basename(home)}.json`) : undefined;
}

/** Tells the user who runs OpenClaw that root deployed it. For who deploys for themselves it does nothing. */
export function publishDeployedFor(home: string, { uid }: Account): void {
  const path = fileOf(home);
  if (path === undefined || uid === process.getuid?.()) return;
  const program = process.env.OPENCLAW_OPENROUTER_BIN;
  const record: DeployedFor = { version: 1, instance: basename(home), uid, ...(program ? { program } : {}) };
  const text = `${JSON.stringify(record, null, 2)}\n`;
  if (readTextIfThere(path) !== text) writePublicFile(path, text);
}

/** Takes it away with what was placed. */
export function removeDeployedFor(home: string): void {
  const path = fileOf(home);
  if (path !== undefined) rmSync(path, { force: true });
}

/**
 * Stops a command of a user for whom root deployed, and who means no instance of their own.
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
    fix: `sudo ${quote(found.program ?? "openclaw-openrouter")} check --instance ${found.instance}\nAn instance of ${name}'s own goes by its name: --instance sandbox needs no account.`,
    exitCode: ExitCode.NotDeployed,
  });
}

/** Files of root's alone count: what another user put there says nothing of root. */
function records(folder: string): DeployedFor[] {
  return names(folder).flatMap((name) => {
    try {
      const path = join(folder, name);
      const entry = lstatSync(path);
      if (!entry.isFile() || entry.uid !== 0) return [];
      return deployedFor.parse(JSON.parse(readFileSync(path, "utf8")));
    } catch {
      return [];
    }
  });
}

function names(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.endsWith(".json"));
  } catch {
    return [];
  }
}
