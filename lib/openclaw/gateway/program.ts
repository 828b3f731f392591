import { dirname, join } from "node:path";
import { z } from "zod";
import { attempt } from "../../core/attempt";
import { defined } from "../../core/defined";
import { satisfies } from "../../core/node-range";
import type { Account } from "../../core/system/os-user";
import { exchangeable } from "../../host/trusted-files";
import { versionOfUsersProgram } from "../../host/users-program";
import { listAsUser, readAsUser, realPathAsUser } from "../folder/as-user";
import type { GatewayInstance } from "./instances";

/** OpenClaw's program as its user runs it. */
export interface GatewayProgram {
  /** The program to run, an absolute path: Node, or a program of another kind. */
  readonly path: string;
  /** The arguments before OpenClaw's own: the script, if the program is Node. */
  readonly args: readonly string[];
  readonly version?: string;
}

interface FindProgramOptions {
  readonly account: Account;
  /** `openclaw.command` in the settings. */
  readonly declared: string | undefined;
  /** The Nodes to try first, such as `openclaw.node` and the resolver's. */
  readonly nodes: readonly string[];
  readonly instances: readonly GatewayInstance[];
  /** @default this program's, if it runs as that user */
  readonly path?: string;
}

/** Finds OpenClaw's program for its user. @returns why it cannot be run, if it cannot */
export function findGatewayProgram(
  options: FindProgramOptions,
): GatewayProgram | { readonly problem: string } {
  const { account, declared } = options;
  const candidates = declared === undefined ? [...usualPlaces(options)] : [declared];
  const [named, found] =
    candidates
      .map((each) => [each, realPathAsUser(each, account)] as const)
      .find(([, real]) => real !== undefined) ?? [];
  if (named === undefined || found === undefined)
    return {
      problem:
        declared === undefined
          ? `no program openclaw was found for ${account.name}`
          : `${declared} is not there for ${account.name}`,
    };
  const packed = packageOf(found, account);
  const program = /\.[cm]?js$/.test(found)
    ? withNode(found, packed?.engines, options)
    : // By the name under which it was found: the programs of version managers go by it.
      { path: named, args: [] };
  if ("problem" in program) return program;
  const untrusted =
    account.uid === 0 ? exchangeable([program.path, found, ...(packed ? [packed.folder] : [])]) : undefined;
  if (untrusted)
    return { problem: `${untrusted.path} ${untrusted.why}, and root does not run what others can change` };
  return { ...program, ...defined({ version: packed?.version }) };
}

/** The time for all Nodes together, in milliseconds: each is its user's program, and there can be any number of them. */
const longestSearch = 20_000;

/** The script runs by the first Node that its package accepts. */
function withNode(
  script: string,
  engines: string | undefined,
  { account, nodes, instances }: FindProgramOptions,
): Pick<GatewayProgram, "path" | "args"> | { readonly problem: string } {
  const ofInstances = instances.flatMap(({ args }) =>
    /(^|\/)node$/.test(args[0] ?? "") ? [args[0] ?? ""] : [],
  );
  const candidates = [
    ...nodes,
    ...ofInstances,
    ...prefixesOf(script).map((prefix) => join(prefix, "bin/node")),
    process.execPath,
    "/usr/local/bin/node",
    "/usr/bin/node",
    ...nodesOfManagers(account),
  ];
  const end = Date.now() + longestSearch;
  for (const node of new Set(candidates)) {
    if (Date.now() > end)
      return { problem: `no Node that OpenClaw accepts was found within ${longestSearch / 1000} s` };
    const version = node.startsWith("/") ? nodeVersion(node, account) : undefined;
    if (version !== undefined && satisfies(version, engines ?? "*")) return { path: node, args: [script] };
  }
  return { problem: `no Node that OpenClaw accepts (${engines ?? "any"}) was found for ${account.name}` };
}

/** The version of a Node, as that user runs it; undefined if it does not run. Root runs none that others can change. */
function nodeVersion(path: string, account: Account): string | undefined {
  const real = realPathAsUser(path, account);
  if (real === undefined || (account.uid === 0 && exchangeable([real]))) return undefined;
  return /^v\d+\.\d+\.\d+/.exec(versionOfUsersProgram(real, account) ?? "")?.[0];
}

function* usualPlaces({ account, instances, path }: FindProgramOptions): Generator<string> {
  const own = account.uid === process.geteuid?.() ? (process.env.PATH ?? "") : "";
  for (const { args } of instances)
    yield* args.slice(0, 2).filter((arg) => /^\/.*\/openclaw(\/|$|\.[cm]?js$)/.test(arg));
  for (const folder of (path ?? own).split(":").filter((each) => each.startsWith("/")))
    yield join(folder, "openclaw");
  for (const prefix of ["/usr/local", "/usr", ...prefixesOfUser(account)]) yield join(prefix, "bin/openclaw");
  yield join(account.home, ".local/share/pnpm/openclaw");
  for (const node of nodesOfManagers(account)) yield join(dirname(node), "openclaw");
}

/** The folders into which package managers install a user's programs. */
function prefixesOfUser({ home }: Account): string[] {
  return [".npm-global", ".local", ".openclaw", ".bun", ".volta", "n", ".nodenv/shims"].map((each) =>
    join(home, each),
  );
}

/** The Nodes of the usual managers, the newest first. */
function nodesOfManagers(account: Account): string[] {
  const folders = [
    [".nvm/versions/node", "bin/node"],
    [".local/share/fnm/node-versions", "installation/bin/node"],
    [".local/share/mise/installs/node", "bin/node"],
    [".asdf/installs/nodejs", "bin/node"],
  ] as const;
  return folders.flatMap(([folder, node]) => {
    const place = join(account.home, folder);
    return listAsUser(place, account)
      .sort((one, other) => other.localeCompare(one, "en", { numeric: true }))
      .slice(0, 8)
      .map((name) => join(place, name, node));
  });
}

/** The prefixes that a global package can lie in: `<prefix>/lib/node_modules/openclaw`. */
function prefixesOf(script: string): string[] {
  const [, prefix] = /^(.*)\/lib\/node_modules\/openclaw\//.exec(script) ?? [];
  return prefix === undefined ? [] : [prefix];
}

const manifest = z.object({
  name: z.literal("openclaw"),
  version: z.string().max(40).optional().catch(undefined),
  engines: z
    .object({ node: z.string().max(100) })
    .optional()
    .catch(undefined),
});

const mostParents = 4;

/** What the package of a script says; undefined for a program of another kind. */
function packageOf(script: string, account: Account) {
  let folder = dirname(script);
  for (let level = 0; level < mostParents; level++, folder = dirname(folder)) {
    const found = manifest.safeParse(manifestIn(folder, account));
    if (!found.success) continue;
    const { version, engines } = found.data;
    return { folder, version, engines: engines?.node };
  }
  return undefined;
}

function manifestIn(folder: string, account: Account): unknown {
  return attempt(() => JSON.parse(readAsUser(join(folder, "package.json"), account) ?? ""));
}
