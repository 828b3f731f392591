import { mkdirSync, readdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { inspectSchedules } from "../../../lib/session/schedule/inspect-schedules";
import { installSchedule, uninstallSchedule } from "../../../lib/session/schedule/schedule";
import { renderScript, scriptOf } from "../../../lib/session/schedule/schedule-script";
import { readSchedules } from "../../../lib/session/schedule/schedule-status";
import { scratchFolder } from "../../support/folder";

jest.mock("../../../lib/docker/engine", () => ({
  ...jest.requireActual("../../../lib/docker/engine"),
  systemdRuns: () => true,
}));

/** A user of this host who is never logged in. */
const nobody = 65534;

describe("a user whose own systemd does not run: not logged in, without linger", () => {
  const before = process.env.XDG_CONFIG_HOME;
  let [home, configuration] = ["", ""];
  const schedule = () => ({ command: "check", instance: "default", home }) as const;

  beforeEach(() => {
    [home, configuration] = [scratchFolder(), scratchFolder()];
    process.env.XDG_CONFIG_HOME = configuration;
    jest.spyOn(process, "getuid").mockReturnValue(nobody);
  });
  afterEach(() => {
    jest.restoreAllMocks();
    if (before === undefined) delete process.env.XDG_CONFIG_HOME;
    else process.env.XDG_CONFIG_HOME = before;
  });

  test("gets no schedule, is told what to do, and nothing is left", async () => {
    const scheduled = { ...schedule(), program: "/p", arguments: [], environment: {} };
    await expect(installSchedule(scheduled)).rejects.toMatchObject({
      props: { fix: expect.stringContaining("sudo loginctl enable-linger ") },
    });
    expect([readdirSync(home), readdirSync(configuration)]).toEqual([[], []]);
  });

  test("is told of a schedule whose unit is lost or disabled, and how to have it back", async () => {
    const folder = join(configuration, "systemd/user");
    const unit = "openclaw-openrouter-unseal-default.timer";
    const program = join(home, "program/scripts/openclaw-openrouter.mjs");
    const root = join(home, "program");
    mkdirSync(join(root, "scripts"), { recursive: true });
    mkdirSync(join(folder, "timers.target.wants"), { recursive: true });
    for (const [path, text] of [
      [join(root, "package.json"), JSON.stringify({ version: "1.0.0" })],
      [program, ""],
      [
        scriptOf(home, "unseal"),
        renderScript({
          ...{ command: "unseal", instance: "default", program, node: process.execPath },
          ...{ arguments: [], environment: {}, isAtBoot: false },
        }),
      ],
    ] as const)
      writeFileSync(path, text);
    const problems = () =>
      inspectSchedules({ home, instance: "default" }, { root }).stale.map(
        ({ problem, fix }) => `${problem}: ${fix}`,
      );
    const fix = "openclaw-openrouter schedule add unseal";
    expect(problems()).toEqual([`has lost its systemd unit ${unit}: ${fix}`]);
    writeFileSync(join(folder, unit), "");
    const service = unit.replace("timer", "service");
    expect(problems()).toEqual([`has lost its systemd unit ${service}: ${fix}`]);
    const write = (line: string) => writeFileSync(join(folder, service), `[Service]\n${line}\n`);
    write("ExecStart=/bin/true");
    expect(problems()).toEqual([`is disabled: ${unit}: ${fix}`]);
    const listed = await readSchedules({ home, instance: "default" });
    expect(listed.find(({ name }) => name === "unseal")).toMatchObject({
      by: "systemd",
      problem: `is disabled: ${unit}`,
    });
    symlinkSync(join(folder, unit), join(folder, "timers.target.wants", unit));
    expect(problems()).toEqual([`is not what ${service} runs: ${fix}`]);
    write(`ExecStart=/usr/bin/nice /bin/sh "${scriptOf(home, "unseal")}"`);
    expect(problems()).toEqual([]);
  });

  test("has an earlier one removed all the same, and its enablement", async () => {
    const folder = join(configuration, "systemd/user");
    const timer = "openclaw-openrouter-check-default.timer";
    mkdirSync(join(folder, "timers.target.wants"), { recursive: true });
    for (const name of [timer, timer.replace("timer", "service")]) writeFileSync(join(folder, name), "");
    symlinkSync(join(folder, timer), join(folder, "timers.target.wants", timer));
    expect(await uninstallSchedule(schedule())).toMatchObject({ found: true });
    expect(readdirSync(folder)).toEqual(["timers.target.wants"]);
    expect(readdirSync(join(folder, "timers.target.wants"))).toEqual([]);
  });
});
