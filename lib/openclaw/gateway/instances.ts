import { basename, join } from "node:path";
import { assignments } from "../../core/assignments";
import { type Account, accountOf } from "../../core/system/os-user";
import { environmentOf, gatewayProcesses, hiddenProfile, isGateway } from "../../host/gateway-processes";
import { exchangeable } from "../../host/trusted-files";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import { listAsUser, readAsUser, realPathAsUser } from "../folder/as-user";
import { plainKey } from "./key";
import { type GatewayLocation, gatewayLocation } from "./location";
import { namesProxy, variablesOf } from "./variables";

/** A gateway of a user: one that runs, or one that the user's service manager or the system's starts. */
export interface GatewayInstance {
  /** For messages, such as `the running gateway (pid 4711)`. */
  readonly name: string;
  readonly location: GatewayLocation;
  /** Its command line: the program, and its arguments. */
  readonly args: readonly string[];
  /** The folders from which its configuration can include files, beside its own: OPENCLAW_INCLUDE_ROOTS. */
  readonly includeRoots?: string;
  /** The files of the service that hold a plain OpenRouter key. */
  readonly keyFiles: readonly string[];
  /** It runs, and no variable of its process names a proxy. @default it has one, or that is not known */
  readonly lacksProxy?: true;
}

/** The user who runs OpenClaw, with the home directory of this process if that is the same user. @param user by name */
export function accountInItsHome(user?: string): Account {
  const account = accountOf(user);
  const home = account.uid === process.geteuid?.() ? process.env.HOME : undefined;
  return home?.startsWith("/") ? { ...account, home } : account;
}

const systemUnitsFolder = "/etc/systemd/system";

/**
 * A user controls most of this, so it only shows where to look, and decides nothing for another user.
 * @param systemUnits the folder with the units of the system's own service manager
 */
export function gatewayInstances(account: Account, systemUnits = systemUnitsFolder): GatewayInstance[] {
  const ofUser = services(join(account.home, ".config/systemd/user"), account, { h: account.home });
  const ofSystem = services(systemUnits, account, systemPlaces).filter(({ user }) => isUser(user, account));
  return [...runningGateways(account), ...[...ofUser, ...ofSystem].map(({ instance }) => instance)];
}

/** The users whom the gateway's services of the system name, with the services. Only for root. */
export function usersOfServices(
  systemUnits = systemUnitsFolder,
): { readonly user: string; readonly service: string }[] {
  return services(systemUnits, accountOf(), systemPlaces).flatMap(({ user, instance }) =>
    user === undefined ? [] : [{ user, service: instance.name }],
  );
}

/** @param user as a unit of the system names it. @default root */
function isUser(user: string | undefined, { name, uid }: Account): boolean {
  return user === undefined ? uid === 0 : user === name || user === String(uid);
}

/** Whether a gateway reads a folder's configuration, wherever links lead. */
export function reads(folder: string, account: Account): (instance: GatewayInstance) => boolean {
  const real = (path: string) => realPathAsUser(path, account) ?? path;
  const own = real(openclawPaths(folder).gateway);
  return ({ location }) => real(location.config) === own;
}

/** The gateways of a user that run on this host now. */
export function runningGateways({ uid, home }: Account): GatewayInstance[] {
  return gatewayProcesses()
    .filter((process) => process.uid === uid)
    .flatMap(({ pid, args }) => {
      const env = environmentOf(pid);
      // One with another home directory is for other files of this user's.
      if ((env.HOME ?? home) !== home) return [];
      const location = gatewayLocation({ env, args: [...args, ...hiddenProfile(pid)], home });
      const name = `the running gateway (pid ${pid})`;
      // The variables of a process of another user are hidden.
      const lacksProxy = Object.keys(env).length > 0 && !namesProxy(Object.entries(env));
      return [
        {
          ...{ name, location, args, ...includeRootsOf(env), keyFiles: [] },
          ...(lacksProxy ? { lacksProxy } : {}),
        },
      ];
    });
}

const mostUnits = 64;
/** Of the folders that enable instances of templates. */
const mostTargets = 32;
/** Of all texts of a folder's units together, in letters: reading a hundred times as many would hold up root's run for minutes. */
const mostLetters = 1_000_000;
/** Of the files that add to a unit, and of those with its variables. */
const mostAdded = 8;

interface Service {
  readonly instance: GatewayInstance;
  /** The user that the unit names. */
  readonly user: string | undefined;
}

/** The folders that a unit names by `%` and a letter. */
type Places = Readonly<Record<string, string>>;

/** Those of the system's own service manager, whatever user its services name: `%h` is root's home directory. */
const systemPlaces: Places = {
  h: "/root",
  S: "/var/lib",
  E: "/etc",
  C: "/var/cache",
  L: "/var/log",
  t: "/run",
};

/** @param places those of the service manager; the system's own reads the files with variables as root */
function services(folder: string, account: Account, places: Places): Service[] {
  let left = mostLetters;
  const within = (files: TextFile[]) => {
    left -= files.reduce((sum, { text }) => sum + text.length, 0);
    return left < 0 ? [] : files;
  };
  return unitPaths(folder, account).flatMap((path) => {
    if (left < 0) return [];
    const name = basename(path);
    const [, template, of] = /^([^@]+@)(.+)\.service$/.exec(name) ?? [];
    const names = template === undefined ? [name] : [`${template}.service`, name];
    const addedIn = names.map((each) => join(folder, `${each}.d`));
    const files = within(unitFiles(path, addedIn, account));
    if (files.length === 0) return [];
    const all = of === undefined ? places : { ...places, i: of, I: of };
    const { args, user, ...unit } = parseUnit(files.map(({ text }) => text).join("\n"), all);
    if (!(isOpenClaws(path) ? args.includes("gateway") : isGateway(args))) return [];
    const named = unit.environmentFiles.filter((path) => path.startsWith("/"));
    const given = within(
      named.slice(0, mostAdded).flatMap((path) => {
        const found = readAll([path], account);
        return found.length > 0 || places !== systemPlaces ? found : readOfRoot(path, files);
      }),
    );
    const env = { ...unit.env, ...Object.fromEntries(given.flatMap(({ text }) => variablesOf(text))) };
    const location = gatewayLocation({ env, args, home: account.home });
    const keyFiles = [...files, ...given].flatMap(({ path, text }) => (plainKey.test(text) ? [path] : []));
    const instance = { name: `the service ${name}`, location, args, ...includeRootsOf(env), keyFiles };
    return [{ instance, user }];
  });
}

const isOpenClaws = (path: string) => basename(path).startsWith("openclaw");

/** The services of a folder, and the enabled instances of templates, such as `openclaw@anna.service`. Those named after OpenClaw come first. */
function unitPaths(folder: string, account: Account): string[] {
  const servicesIn = (place: string) =>
    listAsUser(place, account)
      .filter((name) => name.endsWith(".service") && !name.includes("@."))
      .map((name) => join(place, name));
  const targets = listAsUser(folder, account).filter((name) => name.endsWith(".wants"));
  const wanted = targets.slice(0, mostTargets).flatMap((name) => servicesIn(join(folder, name)));
  const paths = [...servicesIn(folder), ...wanted.filter((path) => basename(path).includes("@"))];
  return [...paths.filter(isOpenClaws), ...paths.filter((path) => !isOpenClaws(path))].slice(0, mostUnits);
}

/**
 * A unit's file, and those that add to it, in the order of systemd.
 * @param addedIn the folders of the latter
 */
function unitFiles(path: string, addedIn: readonly string[], account: Account): TextFile[] {
  const unit = readAll([path], account);
  if (unit.length === 0) return [];
  const added = addedIn.flatMap((folder) =>
    listAsUser(folder, account)
      .filter((name) => name.endsWith(".conf"))
      .sort()
      .slice(0, mostAdded)
      .map((name) => join(folder, name)),
  );
  return [...unit, ...readAll(added, account)];
}

interface TextFile {
  readonly path: string;
  readonly text: string;
}

/** The files among these that the user can read. */
function readAll(paths: readonly string[], account: Account): TextFile[] {
  return paths.flatMap((path) => {
    const text = readAsUser(path, account);
    return text === undefined ? [] : [{ path, text }];
  });
}

/**
 * A file that only root can read, as many of those with a service's variables are.
 * @param from the unit's files that name it: nothing of this is read if another user could exchange one of them
 */
function readOfRoot(path: string, from: readonly TextFile[]): TextFile[] {
  if (process.geteuid?.() !== 0 || exchangeable([path, ...from.map((file) => file.path)])) return [];
  return readAll([path], accountOf());
}

function includeRootsOf({ OPENCLAW_INCLUDE_ROOTS }: Readonly<Record<string, string | undefined>>) {
  return OPENCLAW_INCLUDE_ROOTS ? { includeRoots: OPENCLAW_INCLUDE_ROOTS } : {};
}

/**
 * The command line, user and variables of a unit of systemd, and the files with more variables.
 * @param places the folders that it names by `%` and a letter
 */
export function parseUnit(
  text: string,
  places: Places,
): {
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly environmentFiles: readonly string[];
  readonly user: string | undefined;
} {
  const lines = text.replace(/\\\n/g, " ").split("\n");
  const values = (wanted: string) =>
    lines.flatMap((line) => {
      const [, name, value = ""] = /^(\w+)\s*=\s*(.*)$/.exec(line.trim()) ?? [];
      return name === wanted ? [value] : [];
    });
  const expand = (value: string) => expanded(value, places);
  return {
    args: words(values("ExecStart").at(-1) ?? "").map(expand),
    env: assignments(values("Environment").flatMap(words).map(expand)),
    user: expand(values("User").at(-1) ?? "") || undefined,
    // A dash says that the file can be missing.
    environmentFiles: values("EnvironmentFile").map((value) => expand(value.replace(/^-/, ""))),
  };
}

/**
 * Splits as systemd does: by blanks, with quotes around a word or its value, and backslashes. A quote without an end goes to the
 * text's end: otherwise each such quote would be read up to there in vain.
 */
function words(text: string): string[] {
  return [...text.matchAll(/(?:"(?:[^"\\]|\\.?)*(?:"|$)|'[^']*(?:'|$)|[^\s"'])+/gs)].map(([word]) =>
    word.replace(
      /"((?:[^"\\]|\\.?)*)(?:"|$)|'([^']*)(?:'|$)/gs,
      (_, double, single) => single ?? double.replace(/\\(.)/g, "$1"),
    ),
  );
}

/** `%%` stands for `%`. What has no place here stays as written. */
function expanded(text: string, places: Places): string {
  return text.replace(/%([%a-zA-Z])/g, (written, letter) =>
    letter === "%" ? "%" : (places[letter] ?? written),
  );
}
