import { extname } from "node:path";
import { sandboxInstance } from "../../config/sandbox";
import { type UserError, wrongUsage } from "../../core/errors";
import { sudoCaller } from "../../core/system/sudo";
import type { Deployment } from "../../model/deployment";
import { findOpenClawUsers, type OpenClawUser } from "../../openclaw/find-users";
import { readInstalled } from "../../openclaw/installed";
import { type Asking, type SettingsPlace, settingsPlace, withOptions, writeSettings } from "./settings-place";

interface ChooseUserOptions extends Asking {
  /** @default the users of this host */
  readonly find?: () => OpenClawUser[];
  /** @default who called sudo */
  readonly caller?: () => string | undefined;
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
  if (found.every(({ account }) => account.uid === 0)) {
    const caller = (options.caller ?? sudoCaller)();
    // Nobody seems to run OpenClaw yet, so the files are for root, which is seldom meant with sudo.
    if (caller)
      say(
        `! Run by sudo: OpenClaw's files are for root, in ${deployment.openclawFolder}. If ${caller} is to run OpenClaw, set \`openclaw.user\`.`,
      );
    return false;
  }
  const [only] = found.length === 1 ? found : [];
  const place = settingsPlace(deployment);
  if (!confirm) throw notChosen(found, place, "nobody can be asked here");
  say(only ? "Another user may run OpenClaw here:" : "Several users may run OpenClaw here:");
  for (const each of found) say(`  ${each.account.name}, who ${signsOf(each)}`);
  for (const { account } of found) {
    if (await confirm(`Deploy for ${account.name}?`, only !== undefined))
      return write(found, place, deployment.instance, account.name, say);
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

function write(
  found: readonly OpenClawUser[],
  place: SettingsPlace,
  instance: string,
  user: string,
  say: (line: string) => void,
): true {
  const text = withOptions(place, instance, [{ group: "openclaw", name: "user", value: user }]);
  if (text === undefined)
    throw notChosen(found, place, "only a person should edit the settings file in its current form");
  writeSettings(place, text);
  say(`openclaw.user is ${user} now, in ${place.path}.`);
  return true;
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
