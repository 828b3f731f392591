import { spawn } from "node:child_process";
import {
  chmodSync,
  chownSync,
  copyFileSync,
  existsSync,
  linkSync,
  mkdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import { copySources } from "../../lib/bundle/sources";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const sources = resolve(__dirname, "../..");
jest.setTimeout(60_000);

/**
 * A clone in which nothing is installed, with a Node beside whose program lies an npm of the test's own: it notes each call,
 * waits until the test lets it go on, and links the packages that are installed here.
 */
class FreshClone {
  readonly root = copySources(sources, join(scratchFolder(), "clone"));
  private readonly bin = join(this.root, "..", "bin");
  private readonly calls = join(this.root, "..", "calls");
  private readonly gate = join(this.root, "..", "gate");
  private readonly compiled = join(this.root, "..", "compiled");
  path = process.env.PATH;

  constructor() {
    mkdirSync(this.bin);
    try {
      linkSync(process.execPath, join(this.bin, "node"));
    } catch {
      copyFileSync(process.execPath, join(this.bin, "node"));
    }
    const npm = `#!/bin/sh
echo "$@" >> "${this.calls}"
echo "$NODE_DISABLE_COMPILE_CACHE" > "${this.compiled}"
until [ -e "${this.gate}" ]; do sleep 0.05; done
ln -s "${join(sources, "node_modules")}" node_modules
`;
    writeFileSync(join(this.bin, "npm"), npm);
    chmodSync(join(this.bin, "npm"), 0o755);
    // Older than the packages that are linked.
    utimesSync(join(this.root, "package-lock.json"), 1, 1);
  }

  /** How often npm was called. */
  get installs(): number {
    return existsSync(this.calls) ? readFileSync(this.calls, "utf8").trim().split("\n").length : 0;
  }

  /** Whether npm was told to load no compiled code. */
  get loadsNoCompiledCode(): boolean {
    return readFileSync(this.compiled, "utf8") === "1\n";
  }

  letNpmEnd(): void {
    writeFileSync(this.gate, "");
  }

  /** Takes its npm away, and what else is on the PATH. */
  removeNpm(): void {
    rmSync(join(this.bin, "npm"));
    this.path = this.bin;
  }

  start(...args: string[]) {
    return this.startAs({}, ...args);
  }

  startAs(user: { readonly uid?: number }, ...args: string[]) {
    const program = join(this.root, "scripts/openclaw-openrouter.mjs");
    const child = spawn(join(this.bin, "node"), [program, ...args], {
      env: { PATH: this.path, HOME: scratchFolder() },
      ...user,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let said = "";
    child.stderr.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    const stdout = text(child.stdout);
    const ended = new Promise<{ code: number | null; stdout: string; stderr: string }>((done) => {
      child.once("close", async (code) => done({ code, stdout: await stdout, stderr: said }));
    });
    return { child, ended, said: () => said };
  }
}

/** Waits until something holds, as long as a run goes on. */
async function until(look: () => boolean, { child, said }: ReturnType<FreshClone["start"]>): Promise<void> {
  while (!look()) {
    if (child.exitCode !== null) throw new Error(`the run ended with ${child.exitCode}:\n${said()}`);
    await new Promise((next) => setTimeout(next, 20));
  }
}

test("two first runs at once in one clone: one installs and compiles, the other waits, and both work", async () => {
  const clone = new FreshClone();
  const first = clone.start("--version");
  await until(() => clone.installs === 1, first);
  const second = clone.start("--version");
  await until(() => second.said().includes("Another run prepares this clone; waiting for it"), second);
  clone.letNpmEnd();
  const outcomes = await Promise.all([first.ended, second.ended]);
  expect(outcomes.map(({ code, stdout }) => [code, stdout])).toEqual([
    [0, `0.1.0, package, ${clone.root}\n`],
    [0, `0.1.0, package, ${clone.root}\n`],
  ]);
  expect(clone.installs).toBe(1);
  expect(clone.loadsNoCompiledCode).toBe(true);
  expect((await clone.start("--version").ended).stderr).toBe("");
});

test("an npm that outlives a killed run is waited for", async () => {
  const clone = new FreshClone();
  const first = clone.start("--version");
  await until(() => clone.installs === 1, first);
  first.child.kill("SIGKILL");
  const second = clone.start("--version");
  await until(() => second.said().includes("waiting for it"), second);
  expect(clone.installs).toBe(1);
  clone.letNpmEnd();
  expect(await second.ended).toMatchObject({ code: 0 });
  expect(clone.installs).toBe(1);
});

test("a host with Node and without npm, as of many distributions, is told what to install", async () => {
  const clone = new FreshClone();
  clone.removeNpm();
  const { code, stderr } = await clone.start("--version").ended;
  expect(code).toBe(1);
  expect(stderr).toContain("apk add npm");
  expect(stderr).not.toContain("see above why");
});

testAsRoot("as root, no program is taken from a folder of the PATH that another user owns", async () => {
  const clone = new FreshClone();
  clone.letNpmEnd();
  const theirs = scratchFolder();
  const started = join(theirs, "started");
  writeFileSync(join(theirs, "flock"), `#!/bin/sh\ntouch "${started}"\n`);
  chmodSync(join(theirs, "flock"), 0o755);
  clone.path = `${theirs}:${process.env.PATH}`;
  expect(await clone.start("--version").ended).toMatchObject({ code: 0 });
  expect(existsSync(started)).toBe(true);

  const other = new FreshClone();
  other.letNpmEnd();
  other.path = clone.path;
  rmSync(started);
  chownSync(theirs, 65_534, 65_534);
  expect(await other.start("--version").ended).toMatchObject({ code: 0 });
  expect(existsSync(started)).toBe(false);
});

testAsRoot("a clone that its owner prepared with sudo is told what gives it back", async () => {
  const clone = new FreshClone();
  const owner = { uid: 65_534 };
  chmodSync(join(clone.root, ".."), 0o755);
  mkdirSync(join(clone.root, "dist"));
  const refused = await clone.startAs(owner, "--version").ended;
  expect(refused.stderr).toContain("as the user that owns the folder");
  chownSync(clone.root, owner.uid, owner.uid);
  const { code, stderr } = await clone.startAs(owner, "--version").ended;
  expect(code).toBe(1);
  expect(stderr).toContain(`sudo chown -R "$(id -u)" '${clone.root}'`);
});
