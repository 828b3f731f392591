import { execFileSync } from "node:child_process";
import { mkdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../lib/core/system/find-program";
import { program, TestHost } from "./support/host";

/**
 * A host with habits of its own, all at once: blanks and quotes in HOME, a long TMPDIR on a file system that runs no program, a
 * Turkish locale (in which "I" is no capital of "i"), a Terraform of a version manager that knows its version in one folder, a umask that lets nobody else read, and no IPv6.
 */
describe("a host with unusual habits", () => {
  const host = new TestHost();
  const home = join(host.folder, "ada's höme dir");
  const temporary = join(host.folder, "a temporary folder with a long name, for this user alone");
  /** Of this test's own network namespace. */
  const noIpv6 = (value: "0" | "1") => writeFileSync("/proc/sys/net/ipv6/conf/all/disable_ipv6", value);
  afterAll(() => {
    noIpv6("0");
    host.remove();
  });

  const script = 'mount -t tmpfs -o noexec,mode=1777 tmpfs "$TMPDIR" && umask 077 && exec "$@"';
  const shims = join(host.folder, "shims");
  const run = async (...args: string[]) => {
    const environment = {
      ...{ HOME: home, TMPDIR: temporary, LC_ALL: "tr_TR.UTF-8", LANG: "tr_TR.UTF-8" },
      PATH: `${shims}:${host.environment().PATH}`,
    };
    const { outcome } = host.startCommand(
      "unshare",
      ["--mount", "sh", "-c", script, "sh", process.execPath, program, ...args],
      environment,
    );
    const ended = await outcome;
    if (ended.code !== 0) throw new Error(`${args.join(" ")} ended with ${ended.code}:\n${ended.stderr}`);
    return ended;
  };

  beforeAll(() => {
    noIpv6("1");
    mkdirSync(home);
    mkdirSync(temporary);
    mkdirSync(shims);
    const choose =
      '[ -e "$PWD/.tool-versions" ] || { echo "No version is set for terraform" >&2; exit 126; }';
    writeFileSync(join(shims, "terraform"), `#!/bin/sh\n${choose}\nexec ${findProgram("terraform")} "$@"\n`, {
      mode: 0o755,
    });
    // The folder in which it is started.
    writeFileSync(join(host.folder, ".tool-versions"), "terraform 1\n");
  });

  test("up deploys, and a second one changes nothing", async () => {
    expect((await run("up")).stderr).toContain("the check passed");
    expect((await run("up")).stderr).toContain("nothing changed");
  });

  test("nothing drifted, and a scheduled command runs by its cron line", async () => {
    await run("drift");
    const { stdout } = await run("schedule", "add", "unseal", "--json");
    const line: string = JSON.parse(stdout).schedules[0].cronLine;
    host.docker("restart", "openclaw-sandbox-vault");
    // As cron reads it: a backslash escapes a percent sign or another backslash.
    const command = line.replace("@reboot ", "").replace(/\\([\\%])/g, "$1");
    execFileSync("/bin/sh", ["-c", command], { env: { PATH: "/usr/bin:/bin" } });
    expect(host.docker("exec", "openclaw-sandbox-vault", "sh", "-c", "vault status || true")).toMatch(
      /Sealed +false/,
    );
    expect(statSync(join(home, ".openclaw-openrouter/sandbox")).mode & 0o777).toBe(0o700);
  });

  test("destroy leaves nothing", async () => {
    await run("destroy", "--purge", "--yes");
    expect(host.docker("ps", "-aq")).toBe("");
  });
});
