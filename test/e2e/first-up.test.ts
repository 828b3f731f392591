import { execFileSync } from "node:child_process";
import { chownSync, existsSync, mkdtempSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { TestHost } from "./support/host";
import { newKey } from "./support/openrouter";
import { screenLines } from "./support/screen";
import { runOnTerminal } from "./support/terminal";

/** What somebody sees who knows none of this, on a terminal of 80 columns. */
describe("a first up", () => {
  const host = new TestHost();
  afterAll(() => host.remove());

  test("nothing is deployed: the program says how to begin", async () => {
    const { stderr, stdout } = await host.mustRun([]);
    expect(stderr.split("\n")[0]).toBe("To start: openclaw-openrouter up");
    expect(stdout).toBe("");
  });

  test("by sudo, which drops the key, it does not choose the sandbox in silence", async () => {
    const sudo = { SUDO_USER: "alice", SUDO_UID: "1000" };
    const { code, stderr } = await host.run(["up"], sudo);
    expect(code).toBe(64);
    expect(stderr).toContain("No key arrived");
    expect(stderr).toContain("--preserve-env=OPENROUTER_API_KEY");
    expect(existsSync(host.homes)).toBe(false);
  });

  test("by sudo with the caller's HOME nothing is made there", async () => {
    const home = mkdtempSync(join(host.folder, "alice-"));
    chownSync(home, 1000, 1000);
    const { code, stderr } = await host.run(["up", "-i", "default"], {
      ...{ HOME: home, SUDO_USER: "alice", SUDO_UID: "1000" },
      OPENROUTER_API_KEY: newKey(),
    });
    expect(code).toBe(1);
    expect(stderr).toContain("sudo -H");
    expect(stderr).not.toContain("chown");
    expect(readdirSync(home)).toEqual([]);
  });

  test("is short, and says what there is: eight lines at most, then the check's", async () => {
    const { code, screen } = await runOnTerminal(host, ["up"], [{ to: /OpenRouter API key/, type: "" }]);
    const lines = screenLines(screen);
    expect(code).toBe(0);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);

    const check = lines.findIndex((line) => line.includes("vault.reachable"));
    const before = lines.slice(0, check).filter((line) => line !== "");
    expect(before[0]).toContain("https://openrouter.ai/settings/keys: limit 34.50 USD");
    expect(before[1]).toContain("Your OpenRouter API key");
    expect(before.slice(-4)).toEqual([
      expect.stringMatching(/^✔ Host: Docker Engine [\d.]+, Terraform [\d.]+, providers from /),
      "✔ Key: the sandbox's own",
      "✔ Terraform: applied",
      "✔ OpenClaw's files: in place",
    ]);
    expect(before.length).toBeLessThanOrEqual(8);
    expect(before.join("\n")).not.toMatch(/not there|yet|missing|!/);

    const after = lines.slice(check).filter((line) => line !== "");
    const passed = after.findIndex((line) => line.startsWith("Check passed"));
    expect(after.slice(0, passed).every((line) => line.startsWith("✔ "))).toBe(true);
    expect(after.slice(-2)).toEqual([
      "Instance sandbox is deployed; the check passed.",
      "With a key of your own: openclaw-openrouter up --instance default",
    ]);
  });

  test("without a command the program says how things stand, in ten lines, and the next command", async () => {
    const { stderr } = await host.mustRun([]);
    const lines = stderr.trimEnd().split("\n");
    expect(lines.length).toBeLessThanOrEqual(10);
    expect(lines.filter((line) => line.length > 80)).toEqual([]);
    expect(stderr).toMatch(/^Instance: +sandbox$/m);
    expect(stderr).toMatch(/^Vault: +unsealed 1\.21\.2, https:/m);
    expect(stderr).toMatch(/^Next: +openclaw-openrouter up --instance default/m);
    host.docker("restart", "openclaw-sandbox-vault");
    expect((await host.mustRun([])).stderr).toMatch(/^Next: +openclaw-openrouter vault unseal/m);
    expect(host.docker("exec", "openclaw-sandbox-vault", "sh", "-c", "vault status || true")).toMatch(
      /Sealed +true/,
    );
  });

  test("all four are scheduled at once, listed, and removed", async () => {
    const added = await host.mustRun(["schedule", "add", "--json"]);
    const { schedules } = JSON.parse(added.stdout) as { schedules: { name: string; cronLine: string }[] };
    expect(schedules.map(({ name }) => name)).toEqual(["check", "drift", "backup", "unseal"]);
    await host.mustRun(["vault", "unseal"]);
    // Each as cron runs it: its command and its options are right.
    for (const { cronLine } of schedules) {
      const [, script] = / \/bin\/sh (\S+) /.exec(cronLine)!;
      const said = execFileSync("/bin/sh", ["-c", `exec /bin/sh ${script} 2>&1`], {
        env: host.environment(),
      });
      expect([cronLine, said.toString()]).toEqual([cronLine, ""]);
    }
    const { stdout } = await host.mustRun(["schedule", "list", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      schedules: [{ name: "check", when: "every 15 minutes" }, {}, {}, {}],
    });
    const removed = await host.mustRun(["schedule", "remove", "--json"]);
    expect(JSON.parse(removed.stdout).schedules).toHaveLength(4);
  });
});
