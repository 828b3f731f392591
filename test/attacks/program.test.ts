import { execFileSync, spawnSync } from "node:child_process";
import { chmodSync, chownSync, cpSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "../support/folder";
import { attacker } from "./support/hostile-folder";

const root = join(__dirname, "../..");

/** A copy of the program, as root would start it from another user's folder. */
function program(): string {
  const folder = scratchFolder();
  chmodSync(folder, 0o755);
  mkdirSync(join(folder, "scripts"));
  for (const part of ["dist", "package.json", "bundle", "scripts/openclaw-openrouter.mjs"])
    cpSync(join(root, part), join(folder, part), { recursive: true });
  return folder;
}

function run(folder: string, ...args: string[]) {
  const { status, stderr } = spawnSync(
    process.execPath,
    [join(folder, "scripts/openclaw-openrouter.mjs"), ...args],
    { encoding: "utf8", env: { PATH: process.env.PATH, HOME: scratchFolder() } },
  );
  return { status, stderr };
}

describe("the program, of which another user owns a file", () => {
  let folder: string;

  beforeAll(() => {
    folder = program();
    execFileSync("chown", [String(attacker), join(folder, "dist/cli.cjs")]);
  });

  test("is not run by root, who is told what helps", () => {
    const { status, stderr } = run(folder, "status", "--instance", "default");
    expect(status).toBe(1);
    expect(stderr).toContain(`dist/cli.cjs, which belongs to uid ${attacker}`);
    expect(stderr).toContain("git clone <address> /opt/openclaw-openrouter");
  });

  test("says so for the sandbox, and goes on", () => {
    const { stderr } = run(folder, "status", "--instance", "sandbox");
    expect(stderr).toContain(`! As root this would run what another user can exchange`);
    expect(stderr).toContain("is not deployed");
  });

  test("shows its help", () => {
    expect(run(folder, "--help").status).toBe(0);
  });
});

describe("a package that another user installed globally", () => {
  const prefix = scratchFolder();
  const bin = join(prefix, "bin/openclaw-openrouter");
  const installed = join(prefix, "lib/node_modules/openclaw-openrouter");

  beforeAll(() => {
    chmodSync(prefix, 0o755);
    mkdirSync(join(prefix, "bin"));
    cpSync(program(), installed, { recursive: true });
    symlinkSync("../lib/node_modules/openclaw-openrouter/scripts/openclaw-openrouter.mjs", bin);
    chmodSync(join(installed, "scripts/openclaw-openrouter.mjs"), 0o755);
    execFileSync("chown", ["-hR", `${attacker}:${attacker}`, prefix]);
  });

  /** @param uid whose login it is, with a home of its own */
  function runAs(uid: number, ...args: string[]) {
    const home = scratchFolder();
    chownSync(home, uid, uid);
    const rights = ["--reuid", String(uid), "--regid", String(uid), "--clear-groups"];
    const { status, stdout, stderr } = spawnSync("setpriv", [...rights, process.execPath, bin, ...args], {
      encoding: "utf8",
      env: { PATH: process.env.PATH, HOME: home },
    });
    return { status, stdout, stderr };
  }

  test("is not run by root, who is told whose it is", () => {
    const { status, stderr } = runAs(0, "status", "--instance", "default");
    expect(status).toBe(1);
    expect(stderr).toContain(`which belongs to uid ${attacker}`);
  });

  test.each([
    ["its owner", attacker],
    ["a third user, who cannot write to it", attacker + 1],
  ])("is run by %s", (_, uid) => {
    expect(runAs(uid, "--version")).toEqual({
      status: 0,
      stdout: `0.1.0, package, ${installed}\n`,
      stderr: "",
    });
    const { status, stderr } = runAs(uid, "status", "--instance", "default");
    expect(stderr).toContain("The instance default is not deployed on this host");
    expect(status).toBe(4);
  });
});

test("an .npmrc of another user, which root's npm would obey, is refused as well", () => {
  const folder = program();
  writeFileSync(join(folder, ".npmrc"), "script-shell=/tmp/theirs\n");
  expect(run(folder, "status", "--instance", "default").stderr).not.toContain("exchange");
  execFileSync("chown", [String(attacker), join(folder, ".npmrc")]);
  const { status, stderr } = run(folder, "status", "--instance", "default");
  expect(status).toBe(1);
  expect(stderr).toContain(`.npmrc, which belongs to uid ${attacker}`);
});

test.each(["", "."])("a PATH with %j has root run no program of the current folder", (entry) => {
  const theirs = scratchFolder();
  const ran = join(theirs, "ran");
  for (const name of ["getent", "id"])
    writeFileSync(join(theirs, name), `#!/bin/sh\ntouch ${ran}\nexec /usr/bin/${name} "$@"\n`, {
      mode: 0o755,
    });
  const env = { PATH: `${entry}:${process.env.PATH}`, HOME: scratchFolder() };
  const launcher = join(program(), "scripts/openclaw-openrouter.mjs");
  const options = { cwd: theirs, env, encoding: "utf8" } as const;
  const { stderr } = spawnSync(process.execPath, [launcher, "status", "--instance", "default"], options);
  expect(stderr).toContain("is not deployed");
  expect(existsSync(ran)).toBe(false);
});

test("what is root's alone is run", () => {
  expect(run(program(), "status", "--instance", "default").stderr).not.toContain("exchange");
});
