import { readFileSync, realpathSync, statSync } from "node:fs";
import { extname, join } from "node:path";
import { withOption } from "../../config/edit";
import { settingsFileNames } from "../../config/file";
import { sandboxInstance } from "../../config/sandbox";
import { type UserError, wrongUsage } from "../../core/errors";
import { writePrivateFile } from "../../core/files/files";
import { requireTrusted } from "../../core/files/trusted-path";
import type { Deployment } from "../../model/deployment";
import { findOpenClawUsers, type OpenClawUser } from "../../openclaw/find-users";
import { readInstalled } from "../../openclaw/installed";
import { ensureHome } from "../../store/home";

export interface ChooseUserOptions {
  readonly deployment: Deployment;
  /** The settings file of the instance. @default none exists */
  readonly file: string | undefined;
  /** Asks a person. Undefined if nobody can be asked. */
  readonly confirm: ((question: string, byDefault: boolean) => Promise<boolean>) | undefined;
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
  /** @default the users of this host */
  readonly find?: () => OpenClawUser[];
}

/**
 * Asks for whom root's first deploy of an instance is, if another user seems to run OpenClaw, and writes the answer to the
 * settings. It never guesses: the user who runs OpenClaw gets the reader's credential.
 * @returns whether the settings changed
 * @throws UserError (wrong usage) if nobody can be asked, or no user is chosen; it names the line to add
 */
export async function chooseOpenClawUser(options: ChooseUserOptions): Promise<boolean> {
  const { deployment, confirm, say } = options;
  if (process.getuid?.() !== 0 || isResumed(deployment)) return false;
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
  say("The deploy is for root.");
  return false;
}

/** Whether the instance has its user: the settings name one, or OpenClaw's files are installed. The sandbox has none. */
function isResumed({ instance, settings, home }: Deployment): boolean {
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
    throw notChosen(found, place, "only a person should edit the settings file in its current form");
  writePrivateFile(path, next, mode);
  say(`openclaw.user is ${user} now, in ${path}.`);
  return true;
}

/** The file to write. A link stays a link: its target is written. */
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
  return wrongUsage({
    problem: `Another user seems to run OpenClaw on this host, and ${why}.`,
    got: found.map((each) => `${each.account.name}, who ${signsOf(each)}`).join("; "),
    expected: "`openclaw.user` in the settings",
    fix: `${exists ? "Add one of these lines to" : "Write one of these lines into the new file"} ${path}:\n${[
      ...new Set(names),
    ]
      .map((name) => `  ${lineFor(name, path, exists)}`)
      .join("\n")}`,
  });
}

function lineFor(name: string, path: string, exists: boolean): string {
  if (/^\.ya?ml$/i.test(extname(path))) return `openclaw: { user: ${name} }`;
  return exists ? `"openclaw": { "user": "${name}" },` : `{ "openclaw": { "user": "${name}" } }`;
}
