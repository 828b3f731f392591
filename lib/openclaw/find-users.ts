import { join } from "node:path";
import { allowing } from "../core/attempt";
import { UserError } from "../core/errors";
import { type Account, accountOf, accountOfUid, accounts } from "../core/system/os-user";
import { gatewayProcesses } from "../host/gateway-processes";
import { openclawNames } from "../model/openclaw/openclaw-paths";
import { UsersFolder } from "./folder/users-folder";
import { usersOfServices } from "./gateway/instances";

/** A user who possibly runs OpenClaw on this host. */
export interface OpenClawUser {
  readonly account: Account;
  /** The signs of it; each completes a sentence that starts with the user's name. */
  readonly signs: readonly string[];
}

/** The maximum of inspected accounts: a directory service can list a whole company's. */
const mostAccounts = 2000;

/**
 * The users who possibly run OpenClaw here: who called `sudo`, who has a gateway configuration, whose gateway runs, whom a service
 * of the system's names. Any local user can fake such a sign, so a person must choose. Only for root.
 * @param systemUnits the folder with the units of the system's own service manager
 */
export function findOpenClawUsers(
  environment: NodeJS.ProcessEnv = process.env,
  systemUnits?: string,
): OpenClawUser[] {
  const signs = [
    ...signOfSudo(environment),
    ...signsOfFolders(environment),
    ...signsOfGateways(),
    ...signsOfServices(systemUnits),
  ];
  const byUid = new Map(signs.map(({ account }) => [account.uid, account]));
  return [...byUid.values()].map((account) => ({
    account,
    signs: signs.filter((each) => each.account.uid === account.uid).map(({ sign }) => sign),
  }));
}

interface Sign {
  readonly account: Account;
  readonly sign: string;
}

function signOfSudo({ SUDO_USER }: NodeJS.ProcessEnv): Sign[] {
  if (!SUDO_USER || SUDO_USER === "root") return [];
  return signOf(SUDO_USER, "called sudo");
}

/** Nothing if this host has no user of that name. */
function signOf(name: string, sign: string): Sign[] {
  return allowing(UserError, () => [{ account: accountOf(name), sign }]) ?? [];
}

function signsOfFolders({ HOME }: NodeJS.ProcessEnv): Sign[] {
  const root = accountOf();
  // A service's account counts too: it has a uid of the system's.
  const others = accounts()
    .filter(({ uid }) => uid !== root.uid)
    .slice(0, mostAccounts);
  return [{ ...root, home: HOME || root.home }, ...others].flatMap((account) => {
    const folder = join(account.home, ".openclaw");
    return hasGatewayFile(folder, account)
      ? [{ account, sign: `has ${join(folder, openclawNames.gateway)}` }]
      : [];
  });
}

/** Whether the folder holds a gateway configuration; read with that user's rights, since it is that user's folder. */
function hasGatewayFile(folder: string, account: Account): boolean {
  const holds = (opened: UsersFolder | undefined) => opened?.inspect(openclawNames.gateway) !== undefined;
  return allowing(UserError, () => UsersFolder.with(folder, account, holds)) ?? false;
}

function signsOfGateways(): Sign[] {
  return gatewayProcesses().flatMap(({ pid, uid }) => {
    const account = accountOfUid(uid);
    return account ? [{ account, sign: `runs a gateway (pid ${pid})` }] : [];
  });
}

/** Services that do not run now as well: their folder need not be in their user's home directory. */
function signsOfServices(systemUnits?: string): Sign[] {
  return usersOfServices(systemUnits).flatMap(({ user, service }) => {
    const account = /^\d+$/.test(user) ? accountOfUid(Number(user)) : undefined;
    const sign = `is the user of ${service}`;
    return account ? [{ account, sign }] : signOf(user, sign);
  });
}
