import { execFile, execFileSync } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { promisify } from "node:util";
import { program, TestHost, until } from "../e2e/support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "../e2e/support/openrouter";
import { tree } from "../e2e/support/processes";
import { runOnTerminal } from "../e2e/support/terminal";

const host = new TestHost();
const [first, second, third] = [newKey(), newKey(), newKey()];
let openrouter: LocalOpenRouter;

beforeAll(async () => {
  openrouter = await localOpenRouter(first, second, third);
  host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
  writeFileSync(join(host.folder, "first"), first, { mode: 0o600 });
});
afterAll(async () => {
  await openrouter.close();
  host.remove();
});

/** Runs the program under another umask than this process's. */
function underUmask(mask: string, ...args: string[]) {
  const line = `umask ${mask}; exec "$0" "$@"`;
  // This process serves OpenRouter meanwhile.
  return promisify(execFile)("/bin/sh", ["-c", line, process.execPath, program, ...args], {
    env: host.environment(),
  });
}

/** Whatever lies in the user's home that others may write to; a link has no mode of its own. */
function writableByOthers(): string[] {
  return execFileSync("find", [host.userHome, "!", "-type", "l", "-perm", "/022"], { encoding: "utf8" })
    .split("\n")
    .filter(Boolean);
}

test("a deploy under umask 0 leaves nothing that others may write to; one under 077 works as well", async () => {
  await underUmask("0", "up", "--key-file", join(host.folder, "first"));
  expect(writableByOthers()).toEqual([]);
  await underUmask("077", "up");
  await underUmask("077", "check", "--no-spend");
}, 300_000);

/** Programs that are given the key on purpose: it is Terraform that writes it. */
const writers = /^(terraform|tofu|terraform-provi|sh|node|MainThread)$/;

/** Looks at a run and all its children until it ends. @returns where the key was seen */
async function whereKeyIs(key: string, pid: number, isOver: () => boolean): Promise<Set<string>> {
  const seen = new Set<string>();
  const inspect = () => {
    for (const each of tree(pid)) {
      const of = (name: string) => read(`/proc/${each}/${name}`);
      const comm = each === pid ? "the run itself" : of("comm").trim();
      if (of("cmdline").includes(key)) seen.add(`argv of ${comm}`);
      if (of("environ").includes(key)) seen.add(comm);
    }
    return isOver();
  };
  await until(inspect, "the end of the run", 120);
  return seen;
}

function read(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch {
    return "";
  }
}

test("the environment of a rotation by a file holds no key, nor that of a child that writes none", async () => {
  const file = join(host.folder, "second");
  writeFileSync(file, second, { mode: 0o600 });
  const running = host.start(["key", "rotate", "--key-file", file]);
  let isOver = false;
  void running.outcome.then(() => {
    isOver = true;
  });
  const seen = await whereKeyIs(second, running.pid, () => isOver);
  expect(await running.outcome).toMatchObject({ code: 0 });
  expect([...seen].filter((where) => !writers.test(where))).toEqual([]);
}, 300_000);

test("nor does that of one at the prompt", async () => {
  let isOver = false;
  const outcome = runOnTerminal(host, ["key", "rotate"], [{ to: /new OpenRouter key/, type: third }]).finally(
    () => {
      isOver = true;
    },
  );
  const pid = await until(() => rotation(), "the run");
  const seen = await whereKeyIs(third, pid, () => isOver);
  expect(await outcome).toMatchObject({ code: 0 });
  expect([...seen].filter((where) => !writers.test(where))).toEqual([]);
}, 300_000);

/** The process of the rotation: not the terminal's, whose command line names it too. */
function rotation(): number | undefined {
  return readdirSync("/proc")
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .find((pid) => {
      const [node, file, ...words] = read(`/proc/${pid}/cmdline`).split("\0");
      const isOurs = read(`/proc/${pid}/environ`).includes(`HOME=${host.userHome}\0`);
      return isOurs && node?.endsWith("node") && file === program && words[1] === "rotate";
    });
}

test.each([
  ["NODE_USE_ENV_PROXY", "1"],
  ["NODE_OPTIONS", "--tls-keylog=/tmp/keys"],
  ["NODE_OPTIONS", "--max-old-space-size=512 --require ./other.js"],
  ["NODE_OPTIONS", "--use-env-proxy"],
  ["NODE_DEBUG", "http"],
])("%s=%s stops the run", async (name, value) => {
  writeFileSync(join(host.folder, "other.js"), "");
  const { code, stderr } = await host.run(["status"], { [name]: value });
  expect(code).not.toBe(0);
  expect(stderr).toMatch(/a secret could leave this program|is not allowed in NODE_OPTIONS|bad option/);
});

test("certificates are verified, whatever NODE_TLS_REJECT_UNAUTHORIZED says, and it is said", async () => {
  const { stderr } = await host.run(["status"], { NODE_TLS_REJECT_UNAUTHORIZED: "0" });
  expect(stderr).toContain("NODE_TLS_REJECT_UNAUTHORIZED is ignored");
});

test("root takes nothing from another user's cache, instances and configuration", async () => {
  const theirs = join(host.folder, "theirs");
  for (const name of [".cache/openclaw-openrouter/bundle", ".openclaw-openrouter/default"])
    mkdirSync(join(theirs, name), { recursive: true });
  writeFileSync(join(theirs, ".openclaw-openrouter/default/instance.json"), "{}");
  execFileSync("chown", ["-R", "65534:65534", theirs]);
  const environment = { HOME: theirs, OPENCLAW_OPENROUTER_CACHE: "" };
  for (const args of [["status", "--all"], ["drift", "--all"], ["up"]]) {
    const { code, stderr } = await host.run(args, environment);
    expect([args, code]).toEqual([args, 1]);
    expect(stderr).toContain("cannot be trusted: another user could replace its content");
  }
});

test.each(["NODE_EXTRA_CA_CERTS", "SSL_CERT_FILE", "SSL_CERT_DIR"])(
  "nor CA certificates by %s",
  async (name) => {
    const theirs = join(host.folder, "their-certificates");
    mkdirSync(theirs, { recursive: true });
    chownSync(theirs, 65534, 65534);
    const { code, stderr } = await host.run(["status"], { [name]: theirs });
    expect(code).toBe(1);
    expect(stderr).toMatch(/The certificate of .* cannot be trusted/);
  },
);

test("nor settings from another user's folder, in which it is started", async () => {
  const [theirs, own] = ["their-folder", "own-home"].map((name) => join(host.folder, name)) as [
    string,
    string,
  ];
  for (const folder of [theirs, own]) mkdirSync(folder);
  writeFileSync(
    join(theirs, "openrouter.settings.json"),
    JSON.stringify({ openrouter: { baseUrl: openrouter.baseUrl } }),
  );
  execFileSync("chown", ["-R", "65534:65534", theirs]);
  chmodSync(theirs, 0o777);
  const there = ["-c", 'cd "$0" && exec "$@"', theirs, process.execPath, program];
  const up = ["up", "--instance", "default", "--key-file", join(host.folder, "first")];
  const { code, stderr } = await host.startCommand("/bin/sh", [...there, ...up], { HOME: own }).outcome;
  expect(code).toBe(1);
  expect(stderr).toContain(`The settings file, ${theirs}/openrouter.settings.json, cannot be trusted`);
  expect(readdirSync(own)).toEqual([]);
});

test("nor a cache that everybody can write to", async () => {
  const cache = join(host.folder, "open-cache");
  mkdirSync(cache);
  chmodSync(cache, 0o777);
  chownSync(cache, 0, 0);
  const { code, stderr } = await host.run(["up"], { OPENCLAW_OPENROUTER_CACHE: cache });
  expect(code).toBe(1);
  expect(stderr).toContain(`${cache}, which everybody can write to`);
});
