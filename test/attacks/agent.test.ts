import { execFileSync, spawn, spawnSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { dirname, join } from "node:path";
import type { Finding } from "../../lib/check/check";
import { openclawUser } from "../../lib/check/checks/openclaw-user";
import type { CheckContext } from "../../lib/check/context";
import { accountOf } from "../../lib/core/system/os-user";
import { groupsOf } from "../../lib/host/groups";
import { UserAccess } from "../../lib/host/user-access";
import { homePaths } from "../../lib/model/home-paths";
import { until } from "../e2e/support/host";
import { scratchFolder } from "../support/folder";
import { attacker } from "./support/hostile-folder";

/** Root deploys, `nobody` runs OpenClaw, and its agent tries what it may. */
const place = scratchFolder();
const home = homePaths(join(place, "homes", "default"));
const socket = join(place, "engine.sock");
const spare = 4242;
let engine: Server;

beforeAll(async () => {
  mkdirSync(join(home.root, "credentials", "deployer"), { recursive: true });
  for (const path of [home.shares, join(home.root, "credentials/deployer/secret_id")])
    writeFileSync(path, "a share\n");
  engine = createServer((connection) => connection.destroy()).on("error", () => {});
  await new Promise<void>((resolve) => engine.listen(socket, resolve));
});
afterAll(() => engine.close());

beforeEach(() => {
  // As a deploy leaves it; the folder above is as open as /root or /home.
  chmodSync(place, 0o755);
  chmodSync(dirname(home.root), 0o755);
  allow(home.root, 0o700);
  allow(home.shares, 0o600);
  allow(socket, 0o660);
});

function allow(path: string, mode: number, gid = 0): void {
  execFileSync("python3", ["-c", removeAcl, path]);
  chownSync(path, 0, gid);
  chmodSync(path, mode);
}

const removeAcl = `
import os, sys
try: os.removexattr(sys.argv[1], "system.posix_acl_access")
except OSError: pass
`;

/** What \`setfacl -m u:nobody:rwx\` does, which is not on every machine. @returns whether the file system has ACLs */
function allowByAcl(path: string): boolean {
  const script = `
import os, struct, sys
none = 0xffffffff
entries = [(1, 7, none), (2, 7, ${attacker}), (4, 0, none), (16, 7, none), (32, 0, none)]
acl = struct.pack("<I", 2) + b"".join(struct.pack("<HHI", *entry) for entry in entries)
os.setxattr(sys.argv[1], "system.posix_acl_access", acl)
`;
  return spawnSync("python3", ["-c", script, path]).status === 0;
}

/** Whether the agent gets at it. */
function agentReads(path: string): boolean {
  const rights = ["--reuid", String(attacker), "--regid", String(attacker), "--clear-groups"];
  const what = statSync(path).isDirectory() ? "ls" : "cat";
  return spawnSync("setpriv", [...rights, what, path]).status === 0;
}

function check(parameters: object = {}): Promise<Finding> {
  const context = {
    home,
    engine: { socket },
    parameters: { instance: "default", user: "nobody", ...parameters },
  };
  return openclawUser.run(context as unknown as CheckContext);
}

test("apart, it passes", async () => {
  expect(agentReads(home.shares)).toBe(false);
  expect(await check()).toEqual({
    status: "pass",
    summary: "nobody reaches neither this instance nor the engine",
  });
});

test("one user for both is warned of, once, with the way out", async () => {
  const finding = await check({ user: undefined });
  expect(finding).toMatchObject({
    status: "warn",
    summary: `OpenClaw runs as root, who also deploys: every agent can read the unseal key shares and all credentials in ${home.root}`,
    fix: expect.stringContaining("docs/openclaw.md"),
  });
  expect(finding.fix).toContain('"accepted": [{ "id": "openclaw.user"');
});

test("never of the sandbox", async () => {
  expect(await check({ user: undefined, instance: "sandbox" })).toMatchObject({ status: "pass" });
});

test("a user who is not there is told elsewhere", async () => {
  expect(await check({ user: "no-such-user" })).toMatchObject({ status: "skip" });
});

test.each<[string, number, number]>([
  ["a directory that everybody reads", 0o755, 0o600],
  ["a directory that everybody enters, and shares that everybody reads", 0o711, 0o644],
])("%s", async (_, folder, file) => {
  allow(home.root, folder);
  allow(home.shares, file);
  const path = folder === 0o755 ? home.root : home.shares;
  expect(agentReads(path)).toBe(true);
  expect(await check()).toMatchObject({
    status: "warn",
    summary: `nobody, who runs OpenClaw, can read ${path} and 1 more of what is secret there: so can every agent`,
    fix: expect.stringContaining(`chmod -R go-rwx ${home.root}`),
  });
});

test("a directory of their group, unless a folder above it is closed", async () => {
  allow(home.root, 0o750, attacker);
  expect((await check()).status).toBe("warn");
  chmodSync(dirname(home.root), 0o700);
  expect(agentReads(home.root)).toBe(false);
  expect((await check()).status).toBe("pass");
});

test("what is said of a file is what the kernel does, for every mode", () => {
  const access = new UserAccess(accountOf("nobody"));
  allow(home.root, 0o711);
  for (const gid of [0, attacker])
    for (const mode of [0o600, 0o604, 0o640, 0o644, 0o400, 0o000, 0o606]) {
      allow(home.shares, mode, gid);
      expect([gid, mode, access.reads(home.shares)]).toEqual([gid, mode, agentReads(home.shares)]);
    }
});

test("the engine's socket: their group's, everybody's, or nobody's", async () => {
  allow(socket, 0o660, attacker);
  const finding = await check();
  expect(finding.summary).toContain(`can use the Docker Engine's socket ${socket}`);
  expect(finding.fix).toContain("gpasswd -d nobody nogroup");
  allow(socket, 0o666);
  expect((await check()).fix).not.toContain("gpasswd");
  allow(socket, 0o600);
  expect((await check()).status).toBe("pass");
});

test("an ACL that no mode shows", async () => {
  if (!allowByAcl(socket)) {
    process.stderr.write("SKIPPED: the file system of the temporary folder has no ACLs\n");
    return;
  }
  // The mask, not the group's own right.
  expect(statSync(socket).mode & 0o777).toBe(0o770);
  expect((await check()).summary).toContain(`can use the Docker Engine's socket ${socket}`);
  allow(socket, 0o600);
  expect(allowByAcl(home.root) && agentReads(home.root)).toBe(true);
  expect((await check()).summary).toContain(`can read ${home.root}`);
});

test("a group that only a running gateway has counts too", async () => {
  allow(socket, 0o660, spare);
  expect((await check()).status).toBe("pass");
  const rights = ["--reuid", String(attacker), "--regid", String(attacker), "--groups", String(spare)];
  const gateway = spawn("setpriv", [...rights, "sleep", "600"]);
  try {
    await until(() => groupsOf(accountOf("nobody")).includes(spare), "the gateway's group", 10);
    expect((await check()).status).toBe("warn");
  } finally {
    gateway.kill("SIGKILL");
  }
});
