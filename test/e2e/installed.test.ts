import { execFile, execFileSync, spawnSync } from "node:child_process";
import {
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
  writeFileSync,
} from "node:fs";
import { dirname, join, resolve } from "node:path";
import { promisify } from "node:util";
import { copySources, linkPackages } from "../../lib/bundle/sources";
import { testInFull } from "./support/full";
import { type RunOutcome, TestHost } from "./support/host";
import { NotedTerraform } from "./support/noted-terraform";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const sources = resolve(__dirname, "../..");

/** The installed copy from the first `up` on, to the end of the clone that it was made from. */
describe("a program that is started from a clone", () => {
  const host = new TestHost();
  const home = host.home("default");
  const folder = join(host.userHome, "installed");
  const link = join(folder, "bin/openclaw-openrouter");
  const current = join(folder, "current");
  const clone = join(host.folder, "clone");
  const key = newKey();
  let openrouter: LocalOpenRouter;
  let noted: NotedTerraform;

  /** Nothing leads to the program by its name but what the test puts there. */
  const path = (...folders: string[]) => ({
    PATH: [...folders, dirname(process.execPath), noted.environment.PATH].join(":"),
  });
  const fromClone = (args: string[], extra: NodeJS.ProcessEnv = {}) =>
    host.startNode([join(clone, "scripts/openclaw-openrouter.mjs"), ...args], { ...path(), ...extra })
      .outcome;
  const installed = (args: string[], extra: NodeJS.ProcessEnv = {}) =>
    host.startNode([link, ...args], { ...path(dirname(link)), ...extra }).outcome;

  function expectSuccess({ code, stderr }: RunOutcome): string {
    if (code !== 0) throw new Error(`it ended with ${code}:\n${stderr}`);
    return stderr;
  }

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    noted = new NotedTerraform(host);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    linkPackages(sources, copySources(sources, clone));
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("installs nothing for the sandbox", async () => {
    expectSuccess(await fromClone(["up", "--instance", "sandbox"]));
    expect(existsSync(folder)).toBe(false);
    expect(noted.programs()).toEqual(new Set([join(clone, "scripts/openclaw-openrouter.mjs")]));
    expectSuccess(await fromClone(["destroy", "--purge", "--yes", "--instance", "sandbox"]));
    expect(noted.count("apply")).toBeGreaterThan(0);
  });

  test("is installed by the first up, which says how it is run; steps run the copy", async () => {
    const said = expectSuccess(await fromClone(["up"], { OPENROUTER_API_KEY: key }));
    expect(said).toContain(`Installed in ${folder}. Its commands: ${link} help`);
    expect(said).toContain("the check passed");
    const copy = realpathSync(current);
    expect(dirname(copy)).toBe(realpathSync(folder));
    expect(noted.programs()).toEqual(new Set([join(copy, "scripts/openclaw-openrouter.mjs")]));
    for (const { path: each, mode, uid } of entries(folder)) {
      expect([each, uid, mode & 0o022]).toEqual([each, process.getuid?.(), 0]);
      expect(each).not.toMatch(/node_modules|\.git\/|test\.cjs|lib\/[a-z]+\/[a-z-]+\.ts$/);
    }
  });

  testInFull("an up that changes nothing writes nothing of it, and says nothing of it", async () => {
    const before = entries(folder);
    const said = expectSuccess(await fromClone(["up"]));
    expect(said).not.toContain("Installed");
    expect(entries(folder)).toEqual(before);
  });

  test("--version says which commit it is, and where", async () => {
    const git = ["rev-parse", "--short=12", "HEAD"];
    const commit = existsSync(join(sources, ".git"))
      ? `commit ${execFileSync("git", git, { cwd: sources, encoding: "utf8" }).trim()}`
      : "package";
    const program = join(sources, "scripts/openclaw-openrouter.mjs");
    const { stdout } = await host.startNode([program, "--version"]).outcome;
    expect(stdout).toBe(`0.1.0, ${commit}, ${sources}\n`);
    // Its clone was copied without its history.
    expect((await installed(["--version"])).stdout).toBe(`0.1.0, package, ${realpathSync(current)}\n`);
  });

  test("printed commands run as they are printed, whatever the PATH has first", async () => {
    const hostile = join(host.folder, "hostile");
    mkdirSync(hostile, { recursive: true });
    writeFileSync(join(hostile, "openclaw-openrouter"), "#!/bin/sh\necho hostile >&2\nexit 66\n", {
      mode: 0o755,
    });
    const asked = ["check", "--instance", "nobody"];
    const printed = async (...folders: string[]) =>
      /^ +fix: +(.*)$/m.exec((await installed(asked, path(...folders))).stderr)?.[1];
    expect(await printed(dirname(link))).toBe("openclaw-openrouter up --instance nobody");
    expect(await printed(hostile, dirname(link))).toBe(`${link} up --instance nobody`);
    expect(await printed()).toBe(`${link} up --instance nobody`);
    const { stdout } = spawnSync("sh", ["-c", `${link} --version`], {
      encoding: "utf8",
      env: host.environment(path(hostile)),
    });
    expect(stdout).toContain("0.1.0");
  });

  test("a schedule that was made from the clone runs on after the clone was deleted", async () => {
    const { stderr } = await fromClone(["schedule", "add", "check", "--no-spend"]);
    const line = /^\*\/15 \* \* \* \* (.*)$/m.exec(stderr)?.[1] ?? "";
    const script = readFileSync(join(home.root, "scheduled-check.sh"), "utf8");
    expect(script).toContain(`program=${join(current, "scripts/openclaw-openrouter.mjs")}\n`);
    expect(script).toContain(" scheduled check --instance default --no-spend ");
    rmSync(clone, { recursive: true });

    rmSync(home.lastCheck);
    // As cron runs it. Not waited for in one piece: this process is OpenRouter meanwhile.
    const { HOME, DOCKER_HOST } = host.environment();
    const env = { PATH: "/usr/bin:/bin", HOME, DOCKER_HOST };
    expect(await promisify(execFile)("sh", ["-c", line], { env })).toEqual({ stdout: "", stderr: "" });
    expect(existsSync(home.lastCheck)).toBe(true);
    expect(expectSuccess(await installed(["check", "--only", "host.schedules"]))).toMatch(
      /✔ host\.schedules +scheduled on this host: check/,
    );
  });

  test("a schedule whose program is gone is reported by check and doctor, and fixed by up", async () => {
    const script = join(home.root, "scheduled-check.sh");
    const whole = readFileSync(script, "utf8");
    writeFileSync(script, whole.replace(/^program=.*$/m, "program=/gone/openclaw-openrouter.mjs"));
    const { code, stderr } = await installed(["check", "--only", "host.schedules"]);
    expect(code).toBe(0);
    expect(stderr.replace(/\s+/g, " ")).toContain(
      "the scheduled check runs /gone/openclaw-openrouter.mjs, which is missing",
    );
    expect(stderr).toMatch(/openclaw-openrouter up/);
    expect((await installed(["doctor"])).stderr).toMatch(
      /! host\.schedules +the scheduled check runs \/gone/,
    );
    expectSuccess(await installed(["up"]));
    expect(readFileSync(script, "utf8")).toBe(whole);
  });

  testInFull(
    "a damaged copy is made again by another program of the same content, and the damaged one stays out of use",
    async () => {
      const before = readlinkSync(current);
      rmSync(join(current, "dist/openpgp.cjs"));
      expect(
        expectSuccess(
          await host.startNode([join(sources, "scripts/openclaw-openrouter.mjs"), "up"], path()).outcome,
        ),
      ).toContain("Installed in");
      expect(readlinkSync(current)).not.toBe(before);
      expect(expectSuccess(await installed(["check", "--no-spend"]))).toContain("Check passed");
    },
  );

  testInFull(
    "another user's folder in its place stays, the deploy goes on, and names the program that runs",
    async () => {
      const theirs = join(host.userHome, "theirs");
      mkdirSync(theirs);
      chownSync(theirs, 65534, 65534);
      const extra = { ...path(), OPENCLAW_OPENROUTER_INSTALL: theirs };
      const program = join(realpathSync(current), "scripts/openclaw-openrouter.mjs");
      const said = expectSuccess(await host.startNode([program, "up"], extra).outcome);
      expect(said).toContain(`! The program is not installed in ${theirs}.`);
      expect(said).toContain("which belongs to uid 65534");
      expect(readdirSync(theirs)).toEqual([]);
      expect(readFileSync(join(home.root, "scheduled-check.sh"), "utf8")).toContain(`program=${program}\n`);
    },
  );

  testInFull("a file by the link's name stays, and is reported", async () => {
    const elsewhere = join(host.userHome, "elsewhere");
    mkdirSync(join(elsewhere, "bin"), { recursive: true });
    symlinkSync("/bin/true", join(elsewhere, "bin/openclaw-openrouter"));
    const extra = { ...path(), OPENCLAW_OPENROUTER_INSTALL: elsewhere };
    const said = expectSuccess(await installed(["up"], extra));
    const program = join(elsewhere, "current/scripts/openclaw-openrouter.mjs");
    expect(said).toContain(`Its commands: ${program} help`);
    expect(said).toMatch(/No link to the program on the PATH: .* leads to \/bin\/true/);
    expect(readlinkSync(join(elsewhere, "bin/openclaw-openrouter"))).toBe("/bin/true");
  });

  test("destroy --purge of the last instance, by the copy itself, leaves the copy and says how to remove it", async () => {
    const said = expectSuccess(await installed(["destroy", "--purge", "--yes"]));
    expect(said).toContain(`The installed program stays. To remove it: rm -r ${folder}\n`);
    expect((await installed(["--version"])).code).toBe(0);
  });

  function entries(below: string) {
    return (readdirSync(below, { recursive: true }) as string[])
      .map((name) => join(below, name))
      .filter((each) => !lstatSync(each).isSymbolicLink())
      .sort()
      .map((each) => {
        const { mode, uid, ino, mtimeMs } = statSync(each);
        return { path: each, mode, uid, ino, mtimeMs };
      });
  }
});
