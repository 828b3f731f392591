import { execFileSync } from "node:child_process";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installProgram } from "../../lib/host/install-program";
import { describeProgram, installPlaces, removalCommand } from "../../lib/host/installed-program";
import { scratchFolder } from "../support/folder";

const runBy = (uid: number) => jest.spyOn(process, "getuid").mockReturnValue(uid);
afterEach(() => jest.restoreAllMocks());

describe("the place of the installed copy", () => {
  test("is root's own", () => {
    runBy(0);
    expect(installPlaces({ HOME: "/home/alice" })).toEqual({
      folder: "/opt/openclaw-openrouter",
      link: "/usr/local/bin/openclaw-openrouter",
    });
  });

  test("is in the home of another user", () => {
    runBy(1000);
    expect(installPlaces({ HOME: "/home/alice" })).toEqual({
      folder: "/home/alice/.local/share/openclaw-openrouter",
      link: "/home/alice/.local/bin/openclaw-openrouter",
    });
  });

  test("is the folder that the environment names, link and all", () => {
    expect(installPlaces({ OPENCLAW_OPENROUTER_INSTALL: "/srv/program/" })).toEqual({
      folder: "/srv/program",
      link: "/srv/program/bin/openclaw-openrouter",
    });
  });
});

/** A program of one file. */
function program(): string {
  const root = scratchFolder();
  for (const folder of ["dist", "scripts", "bundle"]) mkdirSync(join(root, folder), { recursive: true });
  for (const file of ["dist/cli.cjs", "dist/openpgp.cjs", "scripts/openclaw-openrouter.mjs"])
    writeFileSync(join(root, file), "");
  const files = ["dist", "bundle", "scripts/openclaw-openrouter.mjs"];
  writeFileSync(join(root, "package.json"), JSON.stringify({ version: "1.2.3", files }));
  return root;
}

describe("what a program is", () => {
  const git = (folder: string, ...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], {
      cwd: folder,
      encoding: "utf8",
      env: { PATH: process.env.PATH },
    }).trim();

  test("is a package without a clone's history, also inside of another clone", () => {
    const clone = scratchFolder();
    git(clone, "init", "-q");
    git(clone, "commit", "-q", "--allow-empty", "-m", "x");
    const root = join(clone, "node_modules/openclaw-openrouter");
    mkdirSync(root, { recursive: true });
    writeFileSync(join(root, "package.json"), JSON.stringify({ version: "1.2.3" }));
    expect(describeProgram(root)).toBe(`1.2.3, package, ${root}`);
  });

  test("is a commit: of a branch, of one packed, of none, of a worktree", () => {
    const root = program();
    git(root, "init", "-q");
    git(root, "commit", "-q", "--allow-empty", "-m", "x");
    const commit = git(root, "rev-parse", "HEAD").slice(0, 12);
    const expected = (folder: string) => `1.2.3, commit ${commit}, ${folder}`;
    expect(describeProgram(root)).toBe(expected(root));
    git(root, "pack-refs", "--all");
    expect(describeProgram(root)).toBe(expected(root));
    const worktree = join(scratchFolder(), "worktree");
    git(root, "worktree", "add", "-q", "-b", "other", worktree);
    writeFileSync(join(worktree, "package.json"), JSON.stringify({ version: "1.2.3" }));
    expect(describeProgram(worktree)).toBe(expected(worktree));
    git(root, "checkout", "-q", "--detach");
    expect(describeProgram(root)).toBe(expected(root));
  });

  test("stays the commit in the copy, and another commit is another copy", async () => {
    const root = program();
    const folder = join(scratchFolder(), "program");
    const places = { folder, link: join(folder, "bin/openclaw-openrouter") };
    git(root, "init", "-q");
    for (const message of ["one", "two"]) {
      git(root, "commit", "-q", "--allow-empty", "-m", message);
      const commit = git(root, "rev-parse", "HEAD").slice(0, 12);
      expect((await installProgram(places, root)).changed).toBe(true);
      expect(describeProgram(join(folder, "current"))).toContain(`commit ${commit}`);
    }
    expect((await installProgram(places, root)).changed).toBe(false);
  });
});

test("the command that removes what is installed, and nothing else", async () => {
  const place = scratchFolder();
  const places = { folder: join(place, "a program"), link: join(place, "bin/openclaw-openrouter") };
  expect(removalCommand(places)).toBeUndefined();
  await installProgram(places, program());
  const command = removalCommand(places);
  expect(command).toBe(`rm -r '${places.folder}' ${places.link}`);
  execFileSync("sh", ["-c", command!]);
  expect(removalCommand(places)).toBeUndefined();

  symlinkSync("/bin/true", places.link);
  await installProgram(places, program());
  expect(removalCommand(places)).toBe(`rm -r '${places.folder}'`);
});

test("the removal of a clone in the copy's place is named as that of the link alone: the clone is the user's", async () => {
  const folder = program();
  const places = { folder, link: join(scratchFolder(), "openclaw-openrouter") };
  await installProgram(places, folder);
  expect(removalCommand(places)).toBe(`rm -r ${places.link}`);
});
