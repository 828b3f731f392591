import { join } from "node:path";
import { UserError } from "../core/errors";
import { type Account, accountOf, accountOfUid, accounts } from "../core/os-user";
import { gatewayProcesses } from "../host/gateway-processes";
import { openclawNames } from "../model/openclaw-paths";
import { UsersFolder } from "./folder/users-folder";

/** Somebody who may be the one who runs OpenClaw on this host. */
export interface OpenClawUser {
  readonly account: Account;
  /** Why it may be this one, each to be read after the name. */
  readonly signs: readonly string[];
}

/** From this number on accounts are people's. */
const firstPerson = 1000;
/** A directory service may list a company's. */
const mostAccounts = 2000;

/**
 * Who may run OpenClaw here: who called `sudo`, who has a configuration of its gateway, whose gateway runs. Any local user can
 * give such a sign: a person has to choose. Only for root.
 */
export function findOpenClawUsers(environment: NodeJS.ProcessEnv = process.env): OpenClawUser[] {
  const signs = [...signOfSudo(environment), ...signsOfFolders(environment), ...signsOfGateways()];
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
  try {
    return [{ account: accountOf(SUDO_USER), sign: "called sudo" }];
  } catch (error) {
    if (error instanceof UserError) return [];
    throw error;
  }
}

function signsOfFolders({ HOME }: NodeJS.ProcessEnv): Sign[] {
  const root = accountOf();
  const people = accounts()
    .filter(({ uid }) => uid >= firstPerson)
    .slice(0, mostAccounts);
  return [{ ...root, home: HOME || root.home }, ...people].flatMap((account) => {
    const folder = join(account.home, ".openclaw");
    return hasGatewayFile(folder, account)
      ? [{ account, sign: `has ${join(folder, openclawNames.gateway)}` }]
      : [];
  });
}

/** By that user's own rights: it is another one's folder. */
function hasGatewayFile(folder: string, account: Account): boolean {
  try {
    return UsersFolder.with(
      folder,
      account,
      (opened) => opened?.inspect(openclawNames.gateway) !== undefined,
    );
  } catch (error) {
    if (error instanceof UserError) return false;
    throw error;
  }
}

function signsOfGateways(): Sign[] {
  return gatewayProcesses().flatMap(({ pid, uid }) => {
    const account = accountOfUid(uid);
    return account ? [{ account, sign: `runs a gateway (pid ${pid})` }] : [];
  });
}
