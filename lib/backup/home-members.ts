import { existsSync, readdirSync, readFileSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { HomePaths } from "../model/home-paths";

/** A file of a backup, by its name in it. */
export interface Member {
  readonly name: string;
  readonly content: Buffer;
}

/**
 * What a rebuild needs of an instance home, files and folders. What Terraform renders is rendered anew, what was found on a
 * host is found anew, and what was found of a user's files of OpenClaw belongs to the host that they lie on.
 */
function needed(home: HomePaths): string[] {
  return [
    home.instance,
    home.key,
    home.deployed,
    home.budget,
    home.errands,
    home.sharesRecord,
    home.journal,
    home.providerLocks,
    ...(["vault", "openrouter"] as const).flatMap((stack) => [home.state(stack), home.deployedState(stack)]),
    // Worth nothing outside of the local OpenRouter.
    home.sandbox,
    home.sandboxKey,
    home.sandboxManagementKey,
  ];
}

/** What opens Vault. */
function secret(home: HomePaths): string[] {
  return [
    home.shares,
    home.sharesForBackups,
    ...(["deployer", "reader", "auditor"] as const).map((identity) => home.credentials(identity)),
  ];
}

const prefix = "home/";

/** The files of an instance home that go into a backup. */
export function homeMembers(home: HomePaths, withShares: boolean): Member[] {
  const paths = [...needed(home), ...(withShares ? secret(home) : [])];
  return paths.flatMap(filesIn).map((path) => ({
    name: `${prefix}${relative(home.root, path)}`,
    content: readFileSync(path),
  }));
}

/** Where a member lies in an instance home; undefined where it is none of a home. */
export function pathInHome(home: HomePaths, name: string): string | undefined {
  return name.startsWith(prefix) ? join(home.root, name.slice(prefix.length)) : undefined;
}

function filesIn(path: string): string[] {
  if (!existsSync(path)) return [];
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path)
    .sort()
    .flatMap((name) => filesIn(join(path, name)));
}
