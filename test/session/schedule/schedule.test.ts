import { execFileSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { buildProgram } from "../../../lib/cli/program";
import { fromSchedule } from "../../../lib/cli/scheduled";
import type { DriftContext } from "../../../lib/drift/context";
import { schedules } from "../../../lib/drift/probes/schedules";
import { homePaths } from "../../../lib/model/home-paths";
import { inspectSchedules } from "../../../lib/session/schedule/inspect-schedules";
import {
  type Installed,
  installSchedule,
  renewSchedules,
  type ScheduledCommand,
} from "../../../lib/session/schedule/schedule";
import { scheduledNames } from "../../../lib/session/schedule/schedule-script";
import { renderUnits } from "../../../lib/session/schedule/units";
import { writeScheduledRun } from "../../../lib/store/records/scheduled-runs";
import { scratchFolder } from "../../support/folder";
import { testAsRoot } from "../../support/skip";

let folder: string;

beforeEach(() => {
  folder = scratchFolder();
});

/** A program that ends badly some times, and then well; it notes how it was called. */
function program(failures: number): string {
  const path = join(folder, "program.js");
  writeFileSync(
    path,
    `const fs = require("node:fs");
    const calls = ${JSON.stringify(join(folder, "calls"))};
    fs.appendFileSync(calls, JSON.stringify([process.argv.slice(2), process.env.OPENCLAW_OPENROUTER_HOME, process.env.OPENROUTER_MANAGEMENT_KEY]) + "\\n");
    console.error("it said something");
    process.exit(fs.readFileSync(calls, "utf8").trim().split("\\n").length <= ${failures} ? 3 : 0);`,
  );
  return path;
}

const scheduled = (command: ScheduledCommand["command"], failures = 0): ScheduledCommand => ({
  command,
  instance: "paris",
  home: folder,
  program: program(failures),
  arguments: ["--settings", "/a folder/it's.json"],
  environment: { OPENCLAW_OPENROUTER_HOME: "/homes", OPENROUTER_MANAGEMENT_KEY: "sk-or-v1-secret" },
});

const calls = () =>
  readFileSync(join(folder, "calls"), "utf8")
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));

/** As cron runs it, with a `sleep` that takes no time. */
function runLine(installed: Installed): { code: number; said: string } {
  if (!("cronLine" in installed)) throw new Error("it was installed");
  const bin = join(folder, "bin");
  mkdirSync(bin, { recursive: true });
  writeFileSync(join(bin, "sleep"), "#!/bin/sh\n");
  chmodSync(join(bin, "sleep"), 0o755);
  const command = installed.cronLine.replace(/^(@reboot|\S+ \S+ \S+ \S+ \S+) /, "");
  try {
    execFileSync("/bin/sh", ["-c", command], { env: { PATH: `${bin}:/usr/bin:/bin` }, stdio: "pipe" });
    return { code: 0, said: "" };
  } catch (error) {
    const { status, stderr } = error as { status: number; stderr: Buffer };
    return { code: status, said: stderr.toString() };
  }
}

describe("without systemd", () => {
  test("unseal is a line to add by hand, which gives it its arguments and no secret", async () => {
    const installed = await installSchedule(scheduled("unseal"));
    expect(runLine(installed)).toEqual({ code: 0, said: "" });
    expect(calls()).toEqual([
      [["scheduled", "unseal", "--instance", "paris", "--settings", "/a folder/it's.json"], "/homes", null],
    ]);
    const script = join(folder, "scheduled-unseal.sh");
    expect(statSync(script).mode & 0o777).toBe(0o600);
    expect(readFileSync(script, "utf8")).not.toContain("sk-or-v1");
  });

  test("it keeps what leads to the engine and to Terraform, and no secret", async () => {
    const environment = {
      ...{
        HOME: "/srv/ada",
        PATH: "/usr/local/bin:/usr/bin",
        TMPDIR: "/srv/tmp",
        DOCKER_CONTEXT: "rootless",
      },
      ...{ TERRAFORM_BINARY_NAME: "tofu", VAULT_TOKEN: "hvs.secret", PGPASSWORD: "secret", LANG: "C" },
    };
    await installSchedule({ ...scheduled("drift"), environment });
    const text = readFileSync(join(folder, "scheduled-drift.sh"), "utf8");
    for (const name of ["HOME", "PATH", "TMPDIR", "DOCKER_CONTEXT", "TERRAFORM_BINARY_NAME"] as const)
      expect(text).toContain(`export ${name}=${environment[name]}\n`);
    expect(text).not.toMatch(/secret|LANG/);
  });

  testAsRoot(
    "as root, it keeps no folder of the PATH in which another user could put a program",
    async () => {
      const theirs = join(folder, "theirs");
      const open = join(folder, "open");
      for (const path of [theirs, open]) mkdirSync(path);
      chownSync(theirs, 65_534, 65_534);
      chmodSync(open, 0o1777);
      const PATH = `${theirs}:/usr/bin:${open}::bin:${folder}/missing:/bin`;
      await installSchedule({ ...scheduled("unseal"), environment: { PATH } });
      expect(readFileSync(join(folder, "scheduled-unseal.sh"), "utf8")).toContain(
        "export PATH=/usr/bin:/bin\n",
      );
    },
  );

  test("it keeps what names the source of the providers and the CA certificates of a company", async () => {
    const environment = {
      ...{ TF_CLI_CONFIG_FILE: "/srv/mirror.tfrc", SSL_CERT_FILE: "/srv/ca.pem", SSL_CERT_DIR: "/srv/ca" },
      ...{ NODE_EXTRA_CA_CERTS: "/srv/ca.pem", NODE_USE_SYSTEM_CA: "1", NODE_OPTIONS: "--use-system-ca" },
    };
    await installSchedule({ ...scheduled("drift"), environment });
    const text = readFileSync(join(folder, "scheduled-drift.sh"), "utf8");
    for (const [name, value] of Object.entries(environment))
      expect(text).toContain(`export ${name}=${value}\n`);
  });

  test("it runs in the folder of its installation, whose settings it was given", async () => {
    writeFileSync(join(folder, "print.js"), "console.error(process.cwd()); process.exit(1)");
    const before = process.cwd();
    process.chdir(folder);
    const installed = await installSchedule({ ...scheduled("check"), program: join(folder, "print.js") });
    process.chdir(before);
    expect(runLine(installed)).toEqual({ code: 1, said: `${realpathSync(folder)}\n` });
  });

  test("a Node that its version manager removed is replaced by the one on the PATH", async () => {
    const installed = await installSchedule({
      ...scheduled("unseal"),
      environment: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin` },
    });
    const script = join(folder, "scheduled-unseal.sh");
    writeFileSync(
      script,
      readFileSync(script, "utf8").replace(/^node=.*$/m, "node=/home/ada/.nvm/v20/bin/node"),
    );
    expect(runLine(installed)).toEqual({ code: 0, said: "" });
    expect(calls()).toHaveLength(1);
  });

  test("it is tried again, since the engine may take a while after a boot", async () => {
    expect(runLine(await installSchedule(scheduled("unseal", 4)))).toEqual({ code: 0, said: "" });
    expect(calls()).toHaveLength(5);
  });

  test("a command that keeps failing is reported after the last try", async () => {
    const { code, said } = runLine(await installSchedule(scheduled("unseal", 99)));
    expect(code).toBe(3);
    expect(said).toContain("it said something");
    expect(calls()).toHaveLength(10);
  });
});

const odd = [
  "a b",
  "it's",
  'say "so"',
  "100%",
  "$HOME ${x}",
  "back\\slash",
  "\\\\two",
  "\\%",
  "`id`",
  ";#&|",
];

/** As Vixie's cron reads a command: a percent sign ends it, a backslash takes that meaning away, or another backslash's. */
function readByCron(command: string): string {
  return /^(?:\\.|[^\\%])*/.exec(command)![0].replace(/\\([\\%])/g, "$1");
}

/** As systemd reads `ExecStart=`: quotes and escapes first, then specifiers, then variables. */
function readBySystemd(unit: string): string {
  const quoted = /^ExecStart=\/bin\/sh "((?:\\.|[^"\\\n])*)"$/m.exec(unit)?.[1];
  if (quoted === undefined) throw new Error(`not one quoted argument: ${unit}`);
  const text = quoted.replace(/\\(.)/g, "$1");
  if (/%(?!%)/.test(text.replaceAll("%%", ""))) throw new Error("a specifier");
  if (text.replaceAll("$$", "").includes("$")) throw new Error("a variable");
  return text.replaceAll("%%", "%").replaceAll("$$", "$");
}

test.each(odd)("a home named %s", async (name) => {
  const home = join(folder, name);
  const installed = await installSchedule({ ...scheduled("unseal"), home });
  if (!("cronLine" in installed)) throw new Error("it was installed");
  const command = readByCron(installed.cronLine.replace("@reboot ", ""));
  execFileSync("/bin/sh", ["-c", command], { env: { PATH: "/usr/bin:/bin" } });
  expect(calls()).toHaveLength(1);
  const script = join(home, "scheduled-unseal.sh");
  for (const unit of Object.values(renderUnits({ command: "check", instance: "paris", home }, script, false)))
    if (unit.includes("[Service]")) expect(readBySystemd(unit)).toBe(script);
});

test.each(["line\nbreak", "carriage\rreturn", "escape\u001b"])("a home named %j is refused", async (name) => {
  await expect(installSchedule({ ...scheduled("check"), home: join(folder, name) })).rejects.toThrow(
    /no scheduler can express/,
  );
});

test.each(["check", "backup"] as const)(
  "without systemd %s is a line to add by hand as well",
  async (command) => {
    const installed = await installSchedule(scheduled(command));
    expect(installed).toEqual({
      cronLine: expect.stringMatching(/^[*/\d]+ .* \/bin\/sh .*# openclaw-openrouter/),
    });
  },
);

describe("systemd's units", () => {
  const options = { instance: "paris", home: "/homes/paris" };

  test("check has a timer", () => {
    const units = renderUnits({ ...options, command: "check" }, "/homes/paris/scheduled-check.sh", false);
    expect(Object.keys(units)).toEqual([
      "openclaw-openrouter-check-paris.service",
      "openclaw-openrouter-check-paris.timer",
    ]);
    expect(units["openclaw-openrouter-check-paris.timer"]).toContain("OnCalendar=*:0/15");
    // One that hangs is ended by the time at which it counts as overdue.
    expect(units["openclaw-openrouter-check-paris.service"]).toContain("TimeoutStartSec=2h\n");
  });

  test.each(["check", "drift", "backup"] as const)(
    "after a boot %s waits for the engine, for Vault's unsealing and for the network",
    (command) => {
      for (const own of [true, false]) {
        const units = renderUnits({ ...options, command }, "/homes/paris/scheduled.sh", own);
        expect(units[`openclaw-openrouter-${command}-paris.service`]).toContain(
          "\nAfter=docker.service snap.docker.dockerd.service openclaw-openrouter-unseal-paris.service network-online.target\nWants=network-online.target\n\n[Service]\n",
        );
      }
    },
  );

  test("unseal runs after each start of the engine", () => {
    const units = renderUnits({ ...options, command: "unseal" }, "/homes/paris/scheduled-unseal.sh", false);
    expect(units).toEqual({
      "openclaw-openrouter-unseal-paris.service": `[Unit]
Description=Runs \`unseal\` of openclaw-openrouter, instance paris, after each start of the Docker Engine
After=docker.service snap.docker.dockerd.service

[Service]
Type=oneshot
TimeoutStartSec=1h
ExecStart=/bin/sh "/homes/paris/scheduled-unseal.sh"

[Install]
WantedBy=multi-user.target docker.service snap.docker.dockerd.service
`,
    });
  });

  test("a user's own manager does not know the engine's unit, so it asks each minute", () => {
    const units = renderUnits({ ...options, command: "unseal" }, "/homes/paris/scheduled-unseal.sh", true);
    const [service, timer] = Object.values(units);
    expect(timer).toContain("OnCalendar=minutely\nAccuracySec=1s\nRandomizedDelaySec=0\n");
    expect(timer).toContain("WantedBy=timers.target");
    expect(service).toContain("LogLevelMax=notice");
    expect(service).not.toContain("docker.service");
  });
});

describe("a schedule whose program is another", () => {
  const inspect = (root?: string) =>
    inspectSchedules({ home: folder, instance: "paris" }, root === undefined ? {} : { root });
  /** A program of a version, compiled at a time. */
  function programOf(name: string, version: string, compiled = 0): string {
    const root = join(folder, name);
    for (const [file, text] of [
      ["package.json", JSON.stringify({ version })],
      [
        "scripts/openclaw-openrouter.mjs",
        `(await import("node:fs")).writeFileSync(${JSON.stringify(join(folder, "ran"))}, ${JSON.stringify(name)});`,
      ],
      ["dist/cli.cjs", name],
    ] as const) {
      mkdirSync(dirname(join(root, file)), { recursive: true });
      writeFileSync(join(root, file), text);
    }
    utimesSync(join(root, "dist/cli.cjs"), compiled, compiled);
    return root;
  }
  const fileOf = (root: string) => join(root, "scripts/openclaw-openrouter.mjs");
  const stale = (problem: string) => ({
    scheduled: ["check"],
    stale: [
      {
        command: "check",
        problem: expect.stringContaining(problem),
        runs: problem.startsWith("runs an older program"),
        fix: `openclaw-openrouter ${problem.startsWith("did not run") ? "schedule add check" : "up"}`,
      },
    ],
  });

  test("has no problem if nothing is scheduled", () => {
    expect(inspect()).toEqual({ scheduled: [], stale: [] });
  });

  test("is reported if that program is gone", async () => {
    const root = programOf("gone", "1.0.0");
    await installSchedule({ ...scheduled("check"), program: fileOf(root) });
    expect(inspect(root)).toEqual({ scheduled: ["check"], stale: [] });
    rmSync(root, { recursive: true });
    expect(inspect(programOf("now", "1.0.0"))).toEqual(stale(`runs ${fileOf(root)}, which is missing`));
    const context = { home: { root: folder }, deployed: { instance: "paris" } };
    const found = await schedules.inspect(context as unknown as DriftContext);
    expect(found.map(({ id, severity }) => [id, severity])).toEqual([["schedules.check", "minor"]]);
  });

  test.each([
    ["of an older version", "0.9.0", 2000, true],
    ["compiled earlier", "1.0.0", 500, true],
    ["compiled later", "1.0.0", 2000, false],
    ["of a newer version", "1.1.0", 500, false],
  ])("%s", async (_, version, compiled, isStale) => {
    const root = programOf("other", version, compiled);
    await installSchedule({ ...scheduled("check"), program: fileOf(root) });
    const found = inspect(programOf("now", "1.0.0", 1000));
    expect(found).toEqual(
      isStale
        ? stale(`runs an older program: ${version}, package, ${root}`)
        : { scheduled: ["check"], stale: [] },
    );
  });

  test.each([
    ["is reported", 3600, "did not run since"],
    ["is not told right after a boot: the host may have been off", 60, undefined],
  ])("that did not run %s", async (_, up, problem) => {
    const root = programOf("now", "1.0.0");
    await installSchedule({ ...scheduled("check"), program: fileOf(root) });
    const [then, now] = [new Date(Date.now() - 3 * 3_600_000), new Date()];
    utimesSync(join(folder, "scheduled-check.sh"), then, then);
    writeScheduledRun(homePaths(folder), "check", { at: then.toISOString(), exitCode: 0 });
    const found = inspectSchedules({ home: folder, instance: "paris" }, { root, now, up });
    expect(found).toEqual(problem === undefined ? { scheduled: ["check"], stale: [] } : stale(problem));
  });

  test("is reported if its script is damaged", async () => {
    const root = programOf("other", "1.0.0");
    await installSchedule({ ...scheduled("check"), program: fileOf(root) });
    rmSync(join(root, "package.json"));
    expect(inspect(programOf("now", "1.0.0"))).toEqual(stale("which is damaged"));
  });

  test("is reported if this program did not write its script", () => {
    writeFileSync(join(folder, "scheduled-check.sh"), "#!/bin/sh\n");
    expect(inspect()).toEqual(stale("did not write"));
  });

  test.each(["program", "a program's"])("runs the one that runs now after %s was renewed", async (name) => {
    const installed = await installSchedule({
      ...scheduled("unseal"),
      program: "/gone/openclaw-openrouter.mjs",
    });
    const before = readFileSync(join(folder, "scheduled-unseal.sh"), "utf8");
    const root = programOf(name, "1.0.0");
    process.env.OPENCLAW_OPENROUTER_BIN = fileOf(root);
    try {
      renewSchedules({ instance: "sandbox", home: folder });
    } finally {
      delete process.env.OPENCLAW_OPENROUTER_BIN;
    }
    expect(runLine(installed)).toEqual({ code: 0, said: "" });
    expect(readFileSync(join(folder, "ran"), "utf8")).toBe(name);
    // The rest stays.
    const rest = (text: string) => text.split("\n").filter((line) => !/^(program|node)=/.test(line));
    const after = readFileSync(join(folder, "scheduled-unseal.sh"), "utf8");
    expect(rest(after)).toEqual(rest(before));
    expect(statSync(join(folder, "scheduled-unseal.sh")).mode & 0o777).toBe(0o600);
  });
});

describe("the command that a host's scripts call", () => {
  test("has not changed: installed scripts call it", () => {
    expect(fromSchedule(["scheduled", "check", "--instance", "a"])).toEqual({
      args: ["check", "--scheduled", "--instance", "a"],
      scheduled: { name: "check", instance: "a" },
    });
    expect(fromSchedule(["check", "scheduled"])).toEqual({
      args: ["check", "scheduled"],
      scheduled: undefined,
    });
  });

  test.each(scheduledNames)("is a command of this program: %s", (name) => {
    const [command] = fromSchedule(["scheduled", name, "--instance", "a"]).args;
    expect(buildProgram().commands.map((each) => each.name())).toContain(command);
  });

  test.each([["up"], ["destroy", "--purge"], []])("is no other command", (...args) => {
    expect(() => fromSchedule(["scheduled", ...args])).toThrow(/can be scheduled/);
  });
});

test("a schedule runs in the current folder, but not in one in which others could put a settings file", async () => {
  const open = join(scratchFolder(), "open");
  mkdirSync(open);
  const cwd = jest.spyOn(process, "cwd").mockReturnValue(open);
  const runsIn = async () => {
    await installSchedule(scheduled("drift"));
    return /^cd (.*?) 2/m.exec(readFileSync(join(folder, "scheduled-drift.sh"), "utf8"))?.[1];
  };
  try {
    chmodSync(open, 0o777);
    expect(await runsIn()).toBe(folder);
    chmodSync(open, 0o755);
    expect(await runsIn()).toBe(open);
  } finally {
    cwd.mockRestore();
  }
});
