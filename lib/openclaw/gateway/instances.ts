import { join } from "node:path";
import { type Account, accountOf } from "../../core/system/os-user";
import { environmentOf, gatewayProcesses, hiddenProfile } from "../../host/gateway-processes";
import { listAsUser, readAsUser } from "../folder/as-user";
import { plainKey } from "./key";
import { type GatewayLocation, gatewayLocation } from "./location";

/** A gateway of a user: one that runs, or one that the user's service manager starts. */
export interface GatewayInstance {
  /** For messages, such as `the running gateway (pid 4711)`. */
  readonly name: string;
  readonly location: GatewayLocation;
  /** Its command line: the program, and its arguments. */
  readonly args: readonly string[];
  /** The service's file, if it holds a plain OpenRouter key. */
  readonly keyFile?: string;
}

/** The user who runs OpenClaw, with the home directory of this process if that is the same user. @param user by name */
export function accountInItsHome(user?: string): Account {
  const account = accountOf(user);
  const home = account.uid === process.geteuid?.() ? process.env.HOME : undefined;
  return home?.startsWith("/") ? { ...account, home } : account;
}

/** A user controls all of this, so it only shows where to look, and decides nothing for another user. */
export function gatewayInstances(account: Account): GatewayInstance[] {
  return [...running(account), ...services(account)];
}

function running({ uid, home }: Account): GatewayInstance[] {
  return gatewayProcesses()
    .filter((process) => process.uid === uid)
    .flatMap(({ pid, args }) => {
      const env = environmentOf(pid);
      // One with another home directory is for other files of this user's.
      if ((env.HOME ?? home) !== home) return [];
      const location = gatewayLocation({ env, args: [...args, ...hiddenProfile(pid)], home });
      return [{ name: `the running gateway (pid ${pid})`, location, args }];
    });
}

const mostUnits = 64;

function services(account: Account): GatewayInstance[] {
  const folder = join(account.home, ".config/systemd/user");
  const names = listAsUser(folder, account);
  return names
    .filter((name) => /^openclaw.*\.service$/.test(name))
    .slice(0, mostUnits)
    .flatMap((name) => {
      const path = join(folder, name);
      const text = readAsUser(path, account);
      if (text === undefined) return [];
      const unit = parseUnit(text);
      if (!unit.args.includes("gateway")) return [];
      const location = gatewayLocation({ env: unit.env, args: unit.args, home: account.home });
      const keyFile = plainKey.test(text) ? { keyFile: path } : {};
      return [{ name: `the service ${name}`, location, args: unit.args, ...keyFile }];
    });
}

/** The command line and variables of a unit of systemd. */
export function parseUnit(text: string): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
} {
  const lines = text.replace(/\\\n/g, " ").split("\n");
  const values = (name: string) =>
    lines.flatMap((line) => (line.trim().startsWith(`${name}=`) ? [line.trim().slice(name.length + 1)] : []));
  const assignments = values("Environment").flatMap(words);
  return {
    args: words(values("ExecStart").at(-1) ?? ""),
    env: Object.fromEntries(
      assignments.flatMap((each) => {
        const at = each.indexOf("=");
        return at > 0 ? [[each.slice(0, at), each.slice(at + 1)]] : [];
      }),
    ),
  };
}

/**
 * Splits as systemd does: by blanks, with quotes around a word or its value, and backslashes; `%%` stands for `%`. A quote
 * without an end goes to the text's end: otherwise each such quote would be read up to there in vain.
 */
function words(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.?)*(?:"|$)|'[^']*(?:'|$)|[^\s"'])+/gs)].map(([word]) =>
    word
      .replace(
        /"((?:[^"\\]|\\.?)*)(?:"|$)|'([^']*)(?:'|$)/gs,
        (_, double, single) => single ?? double.replace(/\\(.)/g, "$1"),
      )
      .replaceAll("%%", "%")
      .replace(/%h/g, "~"),
  );
}
