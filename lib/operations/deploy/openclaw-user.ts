import { readFileSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { withOption } from "../../config/edit";
import { settingsFileNames } from "../../config/file";
import { sandboxInstance } from "../../config/sandbox";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { writePrivateFile } from "../../core/files/files";
import { requireTrusted } from "../../core/files/trusted-path";
import type { Deployment } from "../../model/deployment";
import { findOpenClawUsers, type OpenClawUser } from "../../openclaw/find-users";
import { readInstalled } from "../../openclaw/installed";
import { ensureHome } from "../../store/home";

export interface ChooseUserOptions {
  readonly deployment: Deployment;
  /** The settings file of the instance. @default there is none */
  readonly file: string | undefined;
  /** Asks a person. Undefined if nobody can be asked. */
  readonly confirm: ((question: string, byDefault: boolean) => Promise<boolean>) | undefined;
  /** Says a line to the person. */
  readonly say: (line: string) => void;
  /** @default those of this host */
  readonly find?: () => OpenClawUser[];
}

/**
 * At root's first deploy of an instance: if another user seems to run OpenClaw, a person is asked whether to deploy for that
 * one, and the answer is written into the settings. Who runs OpenClaw gets the reader's credential, so it is never guessed.
 * @returns whether the settings were changed
 * @throws UserError (wrong usage) if nobody can be asked or chose, with the line to add
 */
export async function chooseOpenClawUser(options: ChooseUserOptions): Promise<boolean> {
  const { deployment, confirm, say } = options;
  if (process.getuid?.() !== 0 || isSettled(deployment)) return false;
  const found = (options.find ?? findOpenClawUsers)();
  if (found.every(({ account }) => account.uid === 0)) return false;
  const [only] = found.length === 1 ? found : [];
  const place = settingsPlace(options);
  if (!confirm) throw notChosen(found, place, "nobody can be asked here");
  say(only ? "Another user may run OpenClaw here:" : "Several users may run OpenClaw here:");
  for (const each of found) say(`  ${each.account.name}, who ${signsOf(each)}`);
  for (const { account } of found) {
    if (await confirm(`Deploy for ${account.name}?`, only !== undefined))
      return write(found, place, account.name, say);
  }
  if (!only) throw notChosen(found, place, "none was chosen");
  say("It is deployed for root, then.");
  return false;
}

/** Whether it is decided for whom this instance is: OpenClaw's files are in place. The sandbox is for nobody. */
function isSettled({ instance, settings, home }: Deployment): boolean {
  return (
    instance === sandboxInstance || settings.openclaw.user !== undefined || readInstalled(home) !== undefined
  );
}

function signsOf({ signs }: OpenClawUser): string {
  return signs.join(", ");
}

interface SettingsPlace {
  readonly path: string;
  readonly exists: boolean;
}

function settingsPlace({ deployment, file }: ChooseUserOptions): SettingsPlace {
  return file === undefined
    ? { path: join(deployment.home.root, settingsFileNames[0] as string), exists: false }
    : { path: file, exists: true };
}

function write(
  found: readonly OpenClawUser[],
  place: SettingsPlace,
  user: string,
  say: (line: string) => void,
): true {
  const { path, mode } = writable(place);
  const before = place.exists ? readFileSync(path, "utf8") : "";
  const next = withOption(before, path, { group: "openclaw", name: "user", value: user });
  if (next === undefined)
    throw notChosen(found, place, "the settings file is written so that only a person should edit it");
  writePrivateFile(path, next, mode);
  say(`openclaw.user is ${user} now, in ${path}.`);
  return true;
}

/** A link stays one: what it leads to is written. */
function writable({ path, exists }: SettingsPlace): { readonly path: string; readonly mode: number } {
  if (!exists) {
    ensureHome(join(path, ".."));
    return { path, mode: 0o600 };
  }
  const file = realpathSync(path);
  requireTrusted(file, "The settings file");
  return { path: file, mode: statSync(file).mode & 0o777 };
}

function notChosen(found: readonly OpenClawUser[], { path, exists }: SettingsPlace, why: string): UserError {
  const names = [...found.map(({ account }) => account.name), "root"];
  return new UserError({
    problem: `Another user seems to run OpenClaw on this host, and ${why}.`,
    got: found.map((each) => `${each.account.name}, who ${signsOf(each)}`).join("; "),
    expected: "`openclaw.user` in the settings",
    fix: `${exists ? "Add one of these lines to" : "Write one of these lines into the new file"} ${path}:\n${[
      ...new Set(names),
    ]
      .map((name) => `  ${lineFor(name, path, exists)}`)
      .join("\n")}`,
    exitCode: ExitCode.WrongUsage,
  });
}

function lineFor(name: string, path: string, exists: boolean): string {
  if (/^\.ya?ml$/i.test(extname(path))) return `openclaw: { user: ${name} }`;
  return exists ? `"openclaw": { "user": "${name}" },` : `{ "openclaw": { "user": "${name}" } }`;
}
