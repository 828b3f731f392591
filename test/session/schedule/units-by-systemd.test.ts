import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { renderUnits } from "../../../lib/session/schedule/units";
import { scratchFolder } from "../../support/folder";
import { oddNames } from "../../support/odd-names";
import { describeUnless } from "../../support/skip";
import { runBySystemd, systemdMissing, verifiedBySystemd } from "../../support/systemd";

/** Units are read by the systemd that is installed here, and started by it: nothing of its rules is written down again. */
describeUnless(systemdMissing())("by systemd", () => {
  const folder = scratchFolder();
  const ran = join(folder, "ran");
  mkdirSync(ran);
  const units: Record<string, string> = {};
  const started: string[] = [];
  oddNames.forEach((name, index) => {
    for (const command of ["check", "backup", "unseal"] as const) {
      const home = join(folder, name);
      const script = join(home, `scheduled-${command}.sh`);
      mkdirSync(home, { recursive: true });
      writeFileSync(script, `printf '%s' "$0" > ${ran}/${command}-${index}; [ $# = 0 ]\n`);
      const own = renderUnits({ command, instance: `i${index}`, home }, script, true);
      Object.assign(units, own);
      started.push(...Object.keys(own).filter((unit) => unit.endsWith(".service")));
    }
  });

  beforeAll(() => {
    expect(started).toHaveLength(3 * oddNames.length);
    runBySystemd(units, started);
  }, 300_000);

  test.each(oddNames.map((name, index) => [name, index] as const))(
    "a home named %j: each unit runs that home's script",
    (name, index) => {
      for (const command of ["check", "backup", "unseal"]) {
        const note = join(ran, `${command}-${index}`);
        expect(existsSync(note) && readFileSync(note, "utf8")).toBe(
          join(folder, name, `scheduled-${command}.sh`),
        );
      }
    },
  );

  test("a unit whose path is not escaped does not run its script: this test would see it", () => {
    const index = oddNames.indexOf("%h %n %%");
    const script = join(folder, oddNames[index]!, "scheduled-check.sh");
    const note = join(ran, `check-${index}`);
    rmSync(note);
    runBySystemd({ "raw.service": `[Service]\nType=oneshot\nExecStart=/bin/sh "${script}"\n` }, [
      "raw.service",
    ]);
    expect(existsSync(note)).toBe(false);
  }, 300_000);

  test("a check that is due at a boot runs once the engine is up and Vault was unsealed", () => {
    const log = join(scratchFolder(), "log");
    const note = (name: string) => {
      const script = join(folder, `${name}.sh`);
      writeFileSync(script, `[ ${name} = check ] || sleep 0.5\necho ${name} >>${log}\n`);
      return script;
    };
    const boot: Record<string, string> = {
      "docker.service": `[Service]\nType=oneshot\nExecStart=/bin/sh ${note("engine")}\n`,
    };
    for (const command of ["check", "unseal"] as const)
      Object.assign(boot, renderUnits({ command, instance: "boot", home: folder }, note(command), false));
    runBySystemd(
      boot,
      Object.keys(boot).filter((unit) => unit.endsWith(".service")),
    );
    expect(readFileSync(log, "utf8")).toBe("engine\nunseal\ncheck\n");
  }, 300_000);

  test("its verification has nothing against any unit, nor against those of the examples", () => {
    const place = scratchFolder();
    const all: Record<string, string> = { ...units };
    for (const command of ["check", "backup", "unseal"] as const)
      Object.assign(
        all,
        renderUnits(
          { command, instance: "root", home: "/h" },
          join(folder, "a b", `scheduled-${command}.sh`),
          false,
        ),
      );
    for (const name of ["openclaw-drift.service", "openclaw-drift.timer"]) {
      const text = readFileSync(join("examples/ci", name), "utf8");
      // Its program is not here.
      all[name] = text.replace("/usr/local/bin/openclaw-openrouter", "/bin/true");
    }
    const files = Object.entries(all).map(([name, text]) => {
      writeFileSync(join(place, name), text);
      return join(place, name);
    });
    expect(verifiedBySystemd(files)).toBe("");
    writeFileSync(files[0]!, `${units[Object.keys(units)[0]!]}Unknown=1\nExecStart=/bin/sh %Q\n`);
    expect(verifiedBySystemd([files[0]!])).toMatch(/Unknown|specifiers/);
  }, 300_000);

  test("no control group is left behind", () => {
    const groups = execFileSync("find", ["/sys/fs/cgroup", "-name", "openclaw-test-*"], { encoding: "utf8" });
    expect(groups).toBe("");
  });
});
