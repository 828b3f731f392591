import { existsSync, realpathSync, statSync } from "node:fs";
import { join, relative } from "node:path";
import type { WarningOf } from "../../config/check-warnings";
import { sandboxInstance } from "../../config/sandbox";
import { attempt } from "../../core/attempt";
import { ifError, reasonOf, UserError } from "../../core/errors";
import { groupLine } from "../../core/system/login-groups";
import { type Account, accountOf } from "../../core/system/os-user";
import { quote } from "../../core/text";
import { defaultSocket, locateEngine } from "../../docker/engine-locate";
import { UserAccess } from "../../host/user-access";
import type { HomePaths } from "../../model/home-paths";
import { instanceTlsPaths } from "../../model/vault/vault-tls";
import { combine, pass, skip, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { howToAccept, warningsOf } from "../warnings";

const warn = warningsOf("openclaw.user");

const meant = (warning: WarningOf<"openclaw.user">) =>
  `If you mean it, ${howToAccept("openclaw.user", warning)}`;

const wayOut = (warning: WarningOf<"openclaw.user">) =>
  `Let root deploy, and a user with no other right run OpenClaw: docs/openclaw.md, "The recommended set-up".\n${meant(warning)}`;

/**
 * Checks that an agent, which runs commands as OpenClaw's user, cannot reach the files or the engine that give access to every
 * secret in Vault.
 */
export const openclawUser: Check = {
  id: "openclaw.user",
  why: "An agent runs commands as the user who runs OpenClaw: what that user can read or control, every agent can.",
  needs: [],
  async run(context) {
    const { instance, user, external, gateway } = context.parameters;
    if (instance === sandboxInstance) return pass("the sandbox holds no secret of any user");
    if (external?.joinedAs !== undefined)
      return pass("a joined host holds no credential but the one that OpenClaw uses");
    if (gateway) return inContainer(context, gateway.container);
    // The check openclaw.config reports a missing user.
    return look(context, user).catch(ifError(UserError, (error) => skip(reasonOf(error))));
  },
};

async function look(context: CheckContext, user: string | undefined) {
  const account = accountOf(user);
  const { home } = context;
  if (account.uid === 0 || account.uid === statSync(home.root).uid) {
    const held = existsSync(home.shares) ? "the unseal key shares and all credentials" : "all credentials";
    const summary = `OpenClaw runs as ${account.name}, who also deploys: every agent can read ${held} in ${home.root}`;
    return warn("same-user", summary, wayOut("same-user"));
  }
  const access = new UserAccess(account);
  return combine(`${account.name} reaches neither this instance nor the engine`, [
    ...folderPoints(home, access),
    ...(await enginePoints(context, access)),
  ]);
}

/** An agent in a container reaches what the container is given of the host. */
async function inContainer({ engine, home }: CheckContext, name: string): Promise<Verdict> {
  const container = await engine?.inspectContainer(name);
  if (!engine || !container) return skip(`there is no container ${name}`);
  const { HostConfig, Mounts } = container;
  const sources = Mounts.filter(({ Type }) => Type === "bind").map(({ Source }) => Source);
  const holding = (path: string) => sources.find((source) => isWithin(path, source));
  const socket = holding(engine.socket) ?? holding(defaultSocket);
  const folder = holding(home.root) ?? sources.find((source) => isWithin(source, home.root));
  const reaches = (warning: WarningOf<"openclaw.user">, how: string) =>
    warn(
      warning,
      `the container ${name}, where OpenClaw runs, ${how}: every agent is as good as root on this host`,
      `Create it without that.\n${meant(warning)}`,
    );
  return combine(`the container ${name} is given neither this instance nor the engine`, [
    ...(HostConfig.Privileged ? [reaches("privileged", "is privileged")] : []),
    ...(socket ? [reaches("engine", `mounts ${socket}, and with it the Docker Engine's socket`)] : []),
    ...(folder ? [reaches(`folder:${folder}`, `mounts ${folder}, and so what is in ${home.root}`)] : []),
  ]);
}

/** Whether a path is a folder or in it, wherever links lead: /var/run is /run on most hosts. */
function isWithin(path: string, folder: string): boolean {
  const [inner, outer] = [path, folder].map((each) => attempt(() => realpathSync(each)) ?? each);
  return `${inner}/`.startsWith(`${outer === "/" ? "" : outer}/`);
}

/** The files that unseal Vault or give access as the deployer. */
function secretsIn(home: HomePaths): string[] {
  return [
    home.root,
    home.shares,
    home.nextShares,
    home.rootToken,
    home.rotation,
    join(home.credentials("deployer"), "secret_id"),
    instanceTlsPaths(home.tls).caKey,
  ];
}

function folderPoints(home: HomePaths, access: UserAccess): Verdict[] {
  const read = secretsIn(home).filter((each) => access.reads(each));
  const [path, ...more] = read;
  if (path === undefined) return [];
  // Beside a directory that was accepted as open, shares that become so are a warning of their own.
  const names = read.map((each) => (each === home.root ? "." : relative(home.root, each)));
  const rest = more.length > 0 ? ` and ${more.length} more of what is secret there` : "";
  return [
    warn(
      `reads:${names.join(",")}`,
      `${access.account.name}, who runs OpenClaw, can read ${path}${rest}: so can every agent`,
      `chmod -R go-rwx ${quote(home.root)}\nand, if there are ACLs: setfacl -R -b ${quote(home.root)}\nThen write new shares and credentials, because an agent can have read them: openclaw-openrouter shares rekey, openclaw-openrouter vault renew-identities`,
    ),
  ];
}

async function enginePoints({ engine }: CheckContext, access: UserAccess): Promise<Verdict[]> {
  const { account, holder } = access;
  for (const socket of new Set([
    engine?.socket ?? attempt(() => locateEngine().socket) ?? defaultSocket,
    defaultSocket,
  ])) {
    if (!(await access.connects(socket))) continue;
    return [
      enginePoint(account, `can use the Docker Engine's socket ${socket}`, groupOfSocket(socket, access)),
    ];
  }
  const docker = groupLine("docker");
  if (!docker || !holder.groups.includes(docker.gid)) return [];
  return [enginePoint(account, "is in the group docker", docker.name)];
}

function enginePoint({ name }: Account, what: string, group: string | undefined): Verdict {
  return warn(
    "engine",
    `${name}, who runs OpenClaw, ${what}: every agent controls Vault's container and, unless the engine is rootless, is as good as root`,
    group
      ? `sudo gpasswd -d ${name} ${group}\nThen start the gateway again: a running process keeps its groups.\n${wayOut("engine")}`
      : wayOut("engine"),
  );
}

/** The group that gives a user access to the socket; undefined if no group does. */
function groupOfSocket(socket: string, { holder }: UserAccess): string | undefined {
  const entry = attempt(() => statSync(socket));
  if (!entry || entry.uid === holder.uid || (entry.mode & 0o002) !== 0) return undefined;
  return holder.groups.includes(entry.gid) ? attempt(() => groupLine(String(entry.gid))?.name) : undefined;
}
