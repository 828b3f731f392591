import { type SpawnOptions, spawn } from "node:child_process";
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { silent } from "../../lib/core/progress";
import type { HomePaths } from "../../lib/model/home-paths";
import { recoverInterrupted } from "../../lib/terraform/interrupted";
import { homeOf } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const whole = JSON.stringify({ version: 4, serial: 7, resources: [] });
let home: HomePaths;
let state: string;

beforeEach(() => {
  home = homeOf(scratchFolder());
  state = home.state("openrouter");
  mkdirSync(dirname(state), { recursive: true });
});

describe("a state", () => {
  test.each([
    ["empty", ""],
    ["interrupted in the middle", whole.slice(0, 20)],
  ])("that is %s is put back from the one that Terraform kept", async (_, text) => {
    writeFileSync(state, text);
    writeFileSync(`${state}.backup`, whole);
    await recoverInterrupted(home, silent);
    expect(readFileSync(state, "utf8")).toBe(whole);
  });

  test("that is whole stays, whatever was kept", async () => {
    writeFileSync(state, whole);
    writeFileSync(`${state}.backup`, JSON.stringify({ version: 4, serial: 1 }));
    await recoverInterrupted(home, silent);
    expect(readFileSync(state, "utf8")).toBe(whole);
  });

  test("that is missing stays missing", async () => {
    writeFileSync(`${state}.backup`, whole);
    await recoverInterrupted(home, silent);
    expect(existsSync(state)).toBe(false);
  });

  test("that cannot be put back is moved aside: the next run begins without it", async () => {
    writeFileSync(state, "{");
    await recoverInterrupted(home, silent);
    expect(existsSync(state)).toBe(false);
    expect(readFileSync(`${state}.damaged`, "utf8")).toBe("{");
    writeFileSync(state, "{}");
    writeFileSync(`${state}.backup`, "");
    await recoverInterrupted(home, silent);
    expect(readFileSync(`${state}.damaged`, "utf8")).toBe("{}");
  });
});

test.each(["cdktfOut", "cdktfCliOut"] as const)(
  "a Terraform in %s that outlives its run is waited for",
  async (out) => {
    const folder = join(home[out], "stacks/openrouter");
    mkdirSync(folder, { recursive: true });
    const left = spawn("cat", [], { cwd: folder });
    await new Promise((resolve) => left.once("spawn", resolve));
    const said: string[] = [];
    await recoverInterrupted(home, (line) => {
      said.push(line);
      left.stdin.end();
    });
    expect(said[0]).toContain(`pid ${left.pid}`);
  },
);

test("a person may run a command in the stack's folder, where docs/state.md has them unlock a state", async () => {
  const folder = join(home.cdktfOut, "stacks/openrouter");
  mkdirSync(folder, { recursive: true });
  const before = process.cwd();
  process.chdir(folder);
  try {
    await recoverInterrupted(home, (line) => {
      throw new Error(line);
    });
  } finally {
    process.chdir(before);
  }
});

test("nor is a person's shell waited for that stands there, in another terminal", async () => {
  const folder = join(home.cdktfOut, "stacks/openrouter");
  mkdirSync(folder, { recursive: true });
  // It gives its command a terminal.
  const other = spawn("script", ["-qfc", `cd '${folder}' && echo ready && exec sh`, "/dev/null"]);
  try {
    await new Promise((resolve) => other.stdout.once("data", resolve));
    await recoverInterrupted(home, (line) => {
      throw new Error(line);
    });
  } finally {
    const closed = new Promise((resolve) => other.once("close", resolve));
    other.stdin.end("exit\n");
    await closed;
  }
});

test("a provider whose Terraform was killed is ended", async () => {
  const folder = join(home.cdktfOut, "stacks/openrouter");
  mkdirSync(folder, { recursive: true });
  const provider = join(folder, "terraform-provider-vault_v5.9.0");
  copyFileSync(realpathSync("/bin/cat"), provider);
  const left = spawn(provider, [], { cwd: folder });
  await new Promise((resolve) => left.once("spawn", resolve));
  const ended = new Promise((resolve) => left.once("exit", (_, signal) => resolve(signal)));
  await recoverInterrupted(home, silent);
  expect(await ended).toBe("SIGKILL");
});

describe("is not waited for", () => {
  const begin = async (command: string, args: string[], options: SpawnOptions) => {
    const child = spawn(command, args, { stdio: ["pipe", "pipe", "ignore"], ...options });
    await new Promise((resolve) => child.stdout?.once("data", resolve));
    return child;
  };

  testAsRoot("a process of another user's in that very folder", async () => {
    const folder = join(home.cdktfOut, "stacks/openrouter");
    mkdirSync(folder, { recursive: true });
    const other = await begin("sh", ["-c", "echo there; exec cat"], { cwd: folder, uid: 65534, gid: 65534 });
    const said: string[] = [];
    await recoverInterrupted(home, (line) => said.push(line));
    expect(said).toEqual([]);
    other.kill();
  });

  testAsRoot("a process in a folder that is only called so, as in another mount namespace", async () => {
    const folder = join(home.cdktfOut, "stacks/openrouter");
    mkdirSync(folder, { recursive: true });
    const script = `mount -t tmpfs none ${home.root} && mkdir -p ${folder} && cd ${folder} && echo there && exec cat`;
    const other = await begin("unshare", ["-m", "sh", "-c", script], {});
    expect(readlinkSync(`/proc/${other.pid}/cwd`)).toBe(folder);
    const said: string[] = [];
    await recoverInterrupted(home, (line) => said.push(line));
    expect(said).toEqual([]);
    other.kill();
  });
});
