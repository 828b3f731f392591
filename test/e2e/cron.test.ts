import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { installSchedule } from "../../lib/session/schedule/schedule";
import { scratchFolder } from "../support/folder";
import { oddNames } from "../support/odd-names";
import { describeUnless } from "../support/skip";
import { debianPackage } from "./support/debian";

/** Debian's own cron reads the lines and runs them, in namespaces of its own: nothing of its rules is written down again. */
const cron = debianPackage("cron");
const describeByCron = describeUnless(cron ? undefined : "Debian's cron cannot be had");

/** What is left of a `@reboot` line is run at cron's start. It ends once all lines have run, or after 20 s. */
const script = `
mount -t tmpfs tmpfs /run && mount -t tmpfs tmpfs /var/spool && mkdir -p /var/spool/cron/crontabs || exit 1
install -m 600 "$1" /var/spool/cron/crontabs/root
"$2" -f &
for i in $(seq 200); do
  [ "$(ls "$3" | wc -l)" -ge "$4" ] && exit 0
  sleep 0.1
done
`;

describeByCron(`by cron${cron ? "" : ": its package cannot be had"}`, () => {
  const folder = scratchFolder();
  const ran = join(folder, "ran");

  beforeAll(async () => {
    mkdirSync(ran);
    const lines: string[] = [];
    for (const [index, name] of oddNames.entries()) {
      const home = join(folder, name);
      const program = join(folder, `program-${index}.js`);
      writeFileSync(
        program,
        `require("node:fs").writeFileSync(${JSON.stringify(join(ran, String(index)))}, process.argv.slice(2).join("\\n"))`,
      );
      const installed = await installSchedule({
        command: "unseal",
        instance: `i${index}`,
        home,
        program,
        arguments: ["--settings", `${home}/settings.json`],
        environment: {},
      });
      if (!("cronLine" in installed)) throw new Error("systemd runs here, so no line was made");
      expect(installed.cronLine).toMatch(/^@reboot /);
      lines.push(installed.cronLine);
    }
    const table = join(folder, "crontab");
    writeFileSync(table, `${lines.join("\n")}\n`);
    const daemon = join(cron!, "usr/sbin/cron");
    const args = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child", "sh", "-c", script, "sh"];
    spawnSync("unshare", [...args, table, daemon, ran, String(lines.length)], { timeout: 60_000 });
  }, 120_000);

  test.each(oddNames.map((name, index) => [name, index] as const))("a home named %j", (name, index) => {
    const note = join(ran, String(index));
    expect(existsSync(note)).toBe(true);
    expect(readFileSync(note, "utf8").split("\n")).toEqual([
      "scheduled",
      "unseal",
      "--instance",
      `i${index}`,
      "--settings",
      join(folder, name, "settings.json"),
    ]);
  });
});
