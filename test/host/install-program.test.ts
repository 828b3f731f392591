import { execFileSync, spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  realpathSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { text } from "node:stream/consumers";
import { buildSync } from "esbuild";
import { draftName } from "../../lib/core/files/make-once";
import { processStart } from "../../lib/core/system/live-process";
import { installProgram } from "../../lib/host/install-program";
import {
  type InstallPlaces,
  installedProgram,
  runningProgram,
  stepProgram,
} from "../../lib/host/installed-program";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const other = 65534;

let scratch: string;
let root: string;
let places: InstallPlaces;

beforeEach(() => {
  scratch = scratchFolder();
  // As folders of a system are, and not as the scratch folder is: others may read what is in them.
  chmodSync(scratch, 0o755);
  root = join(scratch, "clone");
  places = { folder: join(scratch, "opt/program"), link: join(scratch, "bin/openclaw-openrouter") };
  writeProgram(root, "one");
});

/** A program of few files, in a clone that holds the programs of the tests as well. */
function writeProgram(folder: string, what: string): void {
  const files = {
    "package.json": JSON.stringify({
      ...{ name: "openclaw-openrouter", version: "1.2.3", scripts: { start: "x" }, dependencies: { a: "1" } },
      files: ["dist", "!dist/.*", "bundle", "scripts/openclaw-openrouter.mjs"],
    }),
    "dist/cli.cjs": `// ${what}`,
    "dist/openpgp.cjs": "",
    "dist/test.cjs": "",
    "dist/.compiled/1/up": what,
    "bundle/vault/go.sum": what,
    "lib/source.ts": "",
    "scripts/openclaw-openrouter.mjs": "#!/usr/bin/env node\nconsole.log('runs');",
  };
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}

const current = () => join(places.folder, "current");
const copies = () => readdirSync(places.folder).filter((name) => /^\d/.test(name));
const names = (folder: string) =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1))
    .sort();
/** Nothing of this is as it was, once anything below was written. */
const snapshot = (folder: string) =>
  ["", ...(readdirSync(folder, { recursive: true }) as string[])].sort().map((name) => {
    const { ino, mtimeMs, mode, uid } = lstatSync(join(folder, name));
    return [name, ino, mtimeMs, mode, uid];
  });

describe("the installed copy", () => {
  test("is what the program runs with, and no more", async () => {
    expect(await installProgram(places, root)).toEqual({ folder: places.folder, changed: true });
    const copy = join(places.folder, readlinkSync(current()));
    expect(names(copy)).toEqual([
      "bundle/vault/go.sum",
      "dist/cli.cjs",
      "dist/openpgp.cjs",
      "installed.json",
      "package.json",
      "scripts/openclaw-openrouter.mjs",
    ]);
    const manifest = JSON.parse(readFileSync(join(copy, "package.json"), "utf8"));
    expect(manifest).toMatchObject({ name: "openclaw-openrouter", version: "1.2.3" });
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["scripts"]));
    expect(Object.keys(manifest)).not.toEqual(expect.arrayContaining(["dependencies"]));
    expect(execFileSync(places.link, { encoding: "utf8" })).toBe("runs\n");
  });

  test.each([0, 0o022])("is for all to read and nobody's to write, with umask %o", async (umask) => {
    const before = process.umask(umask);
    try {
      await installProgram(places, root);
    } finally {
      process.umask(before);
    }
    for (const entry of readdirSync(places.folder, { recursive: true, withFileTypes: true })) {
      if (entry.isSymbolicLink()) continue;
      const { mode, uid } = statSync(join(entry.parentPath, entry.name));
      expect([entry.name, (mode & 0o022).toString(8), uid]).toEqual([entry.name, "0", process.getuid?.()]);
      expect((mode & 0o444).toString(8)).toBe("444");
    }
  });

  test("stays, to the inode and the time, if nothing changed", async () => {
    await installProgram(places, root);
    const before = snapshot(places.folder);
    expect(await installProgram(places, root)).toEqual({ folder: places.folder, changed: false });
    expect(snapshot(places.folder)).toEqual(before);
  });

  test("is renewed by another program, and the one before stays for a day", async () => {
    await installProgram(places, root);
    const first = readlinkSync(current());
    writeProgram(root, "two");
    expect((await installProgram(places, root)).changed).toBe(true);
    const second = readlinkSync(current());
    expect(copies().sort()).toEqual([first, second].sort());

    const longAgo = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(join(places.folder, first), longAgo, longAgo);
    await installProgram(places, root);
    expect(copies()).toEqual([second]);
  });

  test("a run that was started from the one before goes on while it is renewed", async () => {
    const script = `#!/usr/bin/env node
      process.stdout.write("started ");
      for await (const _ of process.stdin);
      await import("../dist/cli.cjs");
      console.log("loaded");`;
    writeFileSync(join(root, "scripts/openclaw-openrouter.mjs"), script);
    await installProgram(places, root);
    const run = spawn(join(current(), "scripts/openclaw-openrouter.mjs"), { stdio: "pipe" });
    const said = text(run.stdout);
    await once(run.stdout, "readable");
    writeProgram(root, "two");
    expect((await installProgram(places, root)).changed).toBe(true);
    run.stdin.end();
    expect(await said).toBe("started loaded\n");
  });

  test("goes back to the one before, which is taken into use again", async () => {
    await installProgram(places, root);
    const first = readlinkSync(current());
    writeProgram(root, "two");
    await installProgram(places, root);
    writeProgram(root, "one");
    expect((await installProgram(places, root)).changed).toBe(true);
    expect(readlinkSync(current())).toBe(first);
  });

  test.each([
    ["a file that is gone", (copy: string) => rmSync(join(copy, "bundle/vault/go.sum"))],
    ["code that was cut", (copy: string) => writeFileSync(join(copy, "dist/cli.cjs"), "")],
    ["an edited file", (copy: string) => writeFileSync(join(copy, "bundle/vault/go.sum"), "oneX")],
    [
      "an edited file of the same size",
      (copy: string) => writeFileSync(join(copy, "bundle/vault/go.sum"), "onX"),
    ],
    ["no record", (copy: string) => rmSync(join(copy, "installed.json"))],
  ])("is made again if it is damaged: %s", async (_, damage) => {
    await installProgram(places, root);
    const damaged = readlinkSync(current());
    damage(join(places.folder, damaged));
    expect((await installProgram(places, root)).changed).toBe(true);
    expect(readlinkSync(current())).toBe(`${damaged}.1`);
    expect((await installProgram(places, root)).changed).toBe(false);
  });

  test("is not copied over itself, and is not removed while it runs", async () => {
    await installProgram(places, root);
    const running = join(places.folder, readlinkSync(current()));
    const before = snapshot(places.folder);
    expect((await installProgram(places, running)).changed).toBe(false);
    expect(snapshot(places.folder)).toEqual(before);

    writeProgram(root, "two");
    await installProgram(places, root);
    const longAgo = new Date(Date.now() - 2 * 86_400_000);
    utimesSync(running, longAgo, longAgo);
    // It is an older program that runs: the newest to run is the one that is installed.
    await installProgram(places, running);
    expect(join(places.folder, readlinkSync(current()))).toBe(running);
  });

  test("is the clone itself where the clone is in that place", async () => {
    writeProgram(places.folder, "clone");
    const before = names(places.folder);
    expect(await installProgram(places, places.folder)).toEqual({ folder: places.folder, changed: false });
    expect(names(places.folder)).toEqual(before);
    expect(readlinkSync(places.link)).toBe(join(places.folder, "scripts/openclaw-openrouter.mjs"));
  });

  test("is made beside CA certificates that a user publishes in the same folder", async () => {
    mkdirSync(places.folder, { recursive: true });
    writeFileSync(join(places.folder, "default-ca.pem"), "");
    expect((await installProgram(places, root)).changed).toBe(true);
  });

  test("is named by a path that stays, and by the copy's own to a step", async () => {
    await installProgram(places, root);
    expect(installedProgram(places, root)).toBe(join(current(), "scripts/openclaw-openrouter.mjs"));
    writeProgram(root, "two");
    expect(installedProgram(places, root)).toBeUndefined();
    expect(stepProgram("sandbox")).toBe(realpathSync(runningProgram()));
  });

  test("what dead runs left is removed, what a living one makes is not", async () => {
    mkdirSync(places.folder, { recursive: true });
    const place = draftName("x").split("-").at(-1);
    const dead = join(places.folder, `.making-1.2.3-0123456789ab-1700000000000-1-999999-1-${place}`);
    const active = join(
      places.folder,
      `.making-9.9.9-0123456789ab-1700000000000-1-${process.pid}-${processStart(process.pid)}-${place}`,
    );
    for (const folder of [dead, active]) mkdirSync(folder);
    await installProgram(places, root);
    expect([dead, active].map((folder) => existsSync(folder))).toEqual([false, true]);
  });

  test("two runs at the same time end with one whole copy", async () => {
    await Promise.all([installProgram(places, root), installProgram(places, root)]);
    expect(copies()).toHaveLength(1);
    expect((await installProgram(places, root)).changed).toBe(false);
  });
});

describe("what is somebody else's stays", () => {
  const refusedAs = async (pattern: RegExp) => {
    const before = snapshot(scratch);
    await expect(installProgram(places, root)).rejects.toThrow(pattern);
    expect(snapshot(scratch)).toEqual(before);
  };

  test("a folder with other things in it", async () => {
    mkdirSync(places.folder, { recursive: true });
    writeFileSync(join(places.folder, "notes.txt"), "mine");
    await refusedAs(/notes\.txt, which this program did not put there/);
  });

  test("another clone", async () => {
    writeProgram(places.folder, "other");
    await refusedAs(/which this program did not put there/);
  });

  test("a file", async () => {
    mkdirSync(dirname(places.folder), { recursive: true });
    writeFileSync(places.folder, "");
    await refusedAs(/no folder/);
  });

  test.each(["elsewhere", "nowhere"])("a link that leads %s", async (where) => {
    mkdirSync(dirname(places.folder), { recursive: true });
    mkdirSync(join(scratch, "elsewhere"));
    symlinkSync(join(scratch, where), places.folder);
    await refusedAs(/a link to/);
  });

  test("a folder whose `current` leads out of it", async () => {
    mkdirSync(places.folder, { recursive: true });
    symlinkSync(root, join(places.folder, "current"));
    await refusedAs(/current, which this program did not put there/);
  });

  test("a folder that everybody can write to, be it sticky", async () => {
    mkdirSync(places.folder, { recursive: true });
    chmodSync(places.folder, 0o1777);
    await refusedAs(/everybody can write to/);
  });

  test("a folder above it that everybody can write to", async () => {
    mkdirSync(dirname(places.folder), { recursive: true });
    chmodSync(dirname(places.folder), 0o777);
    await refusedAs(/everybody can write to/);
  });

  testAsRoot("a folder of another user's", async () => {
    mkdirSync(places.folder, { recursive: true });
    chownSync(places.folder, other, other);
    await refusedAs(/belongs to uid 65534/);
  });

  testAsRoot("a folder of another user's above it, and the link to such a one", async () => {
    mkdirSync(join(scratch, "theirs"));
    chownSync(join(scratch, "theirs"), other, other);
    symlinkSync(join(scratch, "theirs"), join(scratch, "opt"));
    await refusedAs(/belongs to uid 65534/);
  });

  testAsRoot("a copy that another user may exchange is not named", async () => {
    await installProgram(places, root);
    chownSync(join(places.folder, readlinkSync(current()), "scripts"), other, other);
    expect(installedProgram(places, root)).toBeUndefined();
  });

  test.each([
    ["a file", () => writeFileSync(places.link, "mine"), /is a file of its own/],
    ["a link to another program", () => symlinkSync("/bin/true", places.link), /leads to \/bin\/true/],
    ["a link to nowhere", () => symlinkSync("/nowhere", places.link), /leads to \/nowhere/],
  ])("%s by the name of the link", async (_, put, why) => {
    mkdirSync(dirname(places.link));
    put();
    const before = lstatSync(places.link).ino;
    const { changed, linkProblem } = await installProgram(places, root);
    expect({ changed, linkProblem }).toEqual({ changed: true, linkProblem: expect.stringMatching(why) });
    expect(lstatSync(places.link).ino).toBe(before);
  });

  test("a link of npm's to the program that runs serves, and stays", async () => {
    mkdirSync(dirname(places.link));
    const program = join(root, "scripts/openclaw-openrouter.mjs");
    symlinkSync(program, places.link);
    expect(await installProgram(places, root)).toEqual({ folder: places.folder, changed: true });
    expect(readlinkSync(places.link)).toBe(program);
  });

  test("no link is put into a folder that everybody can write to", async () => {
    mkdirSync(dirname(places.link));
    chmodSync(dirname(places.link), 0o777);
    expect((await installProgram(places, root)).linkProblem).toMatch(/another user could exchange it/);
    expect(readdirSync(dirname(places.link))).toEqual([]);
  });

  test("a link of ours that leads to what was in use before is set right", async () => {
    await installProgram(places, root);
    rmSync(places.link);
    symlinkSync(join(places.folder, "scripts/openclaw-openrouter.mjs"), places.link);
    await installProgram(places, root);
    expect(execFileSync(places.link, { encoding: "utf8" })).toBe("runs\n");
  });
});

/** The installation as a program of its own, which kills itself after so many changes to the disk. */
function compileChild(): string {
  const outfile = join(scratch, "child.js");
  buildSync({
    stdin: {
      contents: `
        import fs from "node:fs";
        const at = Number(process.argv[5]);
        let count = 0;
        for (const name of ["mkdirSync", "openSync", "writeFileSync", "symlinkSync", "renameSync", "utimesSync", "rmSync", "fsyncSync"]) {
          const real = fs[name];
          fs[name] = (...args) => {
            const result = real(...args);
            if (++count === at) process.kill(process.pid, "SIGKILL");
            return result;
          };
        }
        const { installProgram } = require(${JSON.stringify(join(__dirname, "../../lib/host/install-program.ts"))});
        installProgram({ folder: process.argv[3], link: process.argv[4] }, process.argv[2])
          .then((result) => console.log(JSON.stringify(result)), (error) => { console.error(error.message); process.exit(1); });`,
      resolveDir: __dirname,
    },
    outfile,
    bundle: true,
    platform: "node",
    logLevel: "error",
  });
  return outfile;
}

test("killed after any change, it leaves the copy before or the new one, and the next run ends the work", async () => {
  const child = compileChild();
  const run = (what: string, at: number) =>
    spawnSync(process.execPath, [child, join(scratch, what), places.folder, places.link, String(at)], {
      encoding: "utf8",
    });
  const inUse = () => readFileSync(join(current(), "dist/cli.cjs"), "utf8");
  for (const what of ["odd", "even"]) writeProgram(join(scratch, what), what);
  expect(run("odd", 0).status).toBe(0);
  let at = 1;
  for (; ; at++) {
    const [before, after] = at % 2 ? ["odd", "even"] : ["even", "odd"];
    for (const copy of copies().filter((name) => name !== readlinkSync(current())))
      rmSync(join(places.folder, copy), { recursive: true });
    const { signal } = run(after!, at);
    const expected = [before!, after!].map((what) => `// ${what}`);
    expect(expected).toContainEqual(inUse());
    expect(names(current())).toHaveLength(6);
    await installProgram(places, join(scratch, after!));
    expect(inUse()).toEqual(expected[1]);
    expect(readdirSync(places.folder).filter((name) => name.startsWith(".making"))).toEqual([]);
    if (signal !== "SIGKILL") break;
  }
  expect(at).toBeGreaterThan(20);
}, 300_000);

testAsRoot("another user has a copy of its own, in its home", () => {
  const child = compileChild();
  const home = join(scratch, "home");
  mkdirSync(home);
  chownSync(home, other, other);
  const folder = join(home, ".local/share/openclaw-openrouter");
  const link = join(home, ".local/bin/openclaw-openrouter");
  const run = () =>
    spawnSync(process.execPath, [child, root, folder, link, "0"], {
      uid: other,
      gid: other,
      encoding: "utf8",
    });
  const { stdout, stderr } = run();
  expect([stdout, stderr]).toEqual([`${JSON.stringify({ folder, changed: true })}\n`, ""]);
  for (const path of [folder, join(folder, "current/dist/cli.cjs"), link])
    expect(lstatSync(path).uid).toBe(other);
  expect(execFileSync(link, { encoding: "utf8" })).toBe("runs\n");
  // Root's own it cannot replace.
  const foreign = spawnSync(process.execPath, [child, root, join(scratch, "opt"), link, "0"], {
    uid: other,
    gid: other,
    encoding: "utf8",
  });
  expect(foreign.stderr).toMatch(/cannot be written/);
});
