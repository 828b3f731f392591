import { execFileSync } from "node:child_process";
import { mkdirSync, mkdtempSync } from "node:fs";
import { join, resolve } from "node:path";
import { poll } from "../../lib/core/poll";
import { makeCopy } from "../../lib/host/program-copy";
import { LabHost, type LabUser, labHostMissing, root } from "../support/lab-host";
import { describeUnless } from "../support/skip";
import { isFull } from "./support/full";
import { program } from "./support/host";
import { outside } from "./support/package";

const sources = resolve(__dirname, "../..");
const reason = isFull ? labHostMissing() : "only in npm run test:full";
const ann: LabUser = { name: "ann", uid: 1000, home: "/home/ann" };

/** Takes alerts, and writes what they say to a file. */
const receiver = `require("node:http").createServer(async (request, response) => {
  let text = "";
  for await (const chunk of request) text += chunk;
  const { data } = JSON.parse(text);
  require("node:fs").appendFileSync("/srv/received", data.phase + " " + data.event + "\\n");
  response.end();
}).listen(18999, "127.0.0.1");
`;

const unit = (command: string) => `[Service]
Environment=OPENCLAW_OPENROUTER_HOME=/srv/openrouter
ExecStart=${command}
Restart=on-failure
[Install]
WantedBy=multi-user.target
`;

/** What a host with systemd runs by itself: nothing here is told to a scheduler by the test but what the program told it. */
describeUnless(reason)("a host with systemd", () => {
  let folder = "";
  let host: LabHost;
  let key = "";
  let start: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(process.env.TEST_FOLDER ?? "", "systemd-"));
    const programs = join(folder, "programs");
    const bundle = join(folder, "bundle");
    mkdirSync(programs);
    const make = [...outside(), process.execPath, program, "bundle", "--out", bundle];
    execFileSync("nsenter", make, { stdio: "pipe" });
    const name = await makeCopy(programs, sources);
    start = ["node", `/srv/programs/${name}/scripts/openclaw-openrouter.mjs`];
    host = new LabHost({
      folder: join(folder, "host"),
      suite: "trixie",
      outside: outside(),
      binds: { "/srv/programs": programs, "/srv/bundle": bundle },
    });
    await host.boot();
    write("/srv/receiver.cjs", receiver);
    write("/etc/systemd/system/openrouter.service", unit(["/usr/bin/node", start[1], "sandbox"].join(" ")));
    write("/etc/systemd/system/receiver.service", unit("/usr/bin/node /srv/receiver.cjs"));
    host.must(["systemctl", "enable", "--now", "openrouter", "receiver"]);
    host.must(["useradd", "-m", "-s", "/bin/bash", "-G", "docker", ann.name]);
    host.must(["loginctl", "enable-linger", ann.name]);
    const keyFile = "/srv/openrouter/sandbox/credentials/sandbox-key";
    key = (await seen(() => host.run(["cat", keyFile]).stdout)).trim();
  }, 1_200_000);
  afterAll(() => host?.remove());

  const write = (path: string, text: string) =>
    host.must(["sh", "-c", 'cat >"$1"', "sh", path], root, {}, text);

  async function seen<T>(look: () => T | undefined | "" | false, seconds = 120): Promise<T> {
    const found = await poll(() => look() || undefined, { every: 500, timeout: seconds * 1000 });
    if (found === undefined) throw new Error(`not seen within ${seconds} s: ${look}`);
    return found as T;
  }

  describe.each([
    ["root", root],
    ["a user with linger", ann],
  ])("of %s", (_, user) => {
    const home = `${user.home}/.openclaw-openrouter/default`;
    const scope = user === root ? [] : ["--user"];
    const cli = (args: readonly string[], environment = {}, input = "") =>
      host.must([...start, ...args, "--instance", "default"], user, environment, input);
    const systemctl = (...args: string[]) => host.run(["systemctl", ...scope, ...args], user);
    const service = (name: string) => `openclaw-openrouter-${name}-default.service`;
    const received = () => host.run(["cat", "/srv/received"]).stdout.trim().split("\n").filter(Boolean);
    const isOpen = () => {
      const { stdout } = host.run(["docker", "exec", "vault", "vault", "status", "-format=json"]);
      return stdout !== "" && !JSON.parse(stdout).sealed;
    };
    const lastRun = (name: string) => {
      const { stdout } = host.run(["cat", `${home}/runs/${name}.json`]);
      return stdout === "" ? undefined : (JSON.parse(stdout) as { at: string; exitCode: number });
    };

    test("is deployed from the bundle, and runs everything by itself", () => {
      const settings = { openrouter: { baseUrl: "http://127.0.0.1:18201/api/v1" } };
      host.must(["mkdir", "-p", "-m", "700", home], user);
      host.must(
        ["sh", "-c", 'cat >"$1"', "sh", `${home}/openrouter.settings.json`],
        user,
        {},
        JSON.stringify(settings),
      );
      expect(cli(["up", "--bundle", "/srv/bundle"], { OPENROUTER_API_KEY: key })).toContain(
        "the check passed",
      );
      const { schedules } = JSON.parse(cli(["schedule", "add", "--json"]));
      expect(schedules).toEqual(
        ["check", "drift", "backup", "unseal"].map((name) => ({
          name,
          by: expect.stringMatching(
            /^the systemd (timer|unit) openclaw-openrouter-[a-z]+-default\.(timer|service)$/,
          ),
        })),
      );
      cli(["alerts", "add"], {}, "http://127.0.0.1:18999/hook");
      expect(received()).toEqual(["test test"]);
    });

    test("each of its services runs, and the list says when and how it ended", () => {
      for (const name of ["check", "drift", "backup"])
        expect([name, systemctl("start", service(name)).code]).toEqual([name, 0]);
      const { schedules } = JSON.parse(cli(["schedule", "list", "--json"]));
      for (const { name, by, last, next } of schedules.slice(0, 3))
        expect([name, by, last.result, next]).toEqual([
          name,
          "systemd",
          "success",
          expect.stringContaining("UTC"),
        ]);
      expect(cli(["backup", "list", "--json"])).toContain('"file"');
    });

    test("a timer starts its service without a hand", async () => {
      const before = lastRun("check")?.at;
      // The same timer, told not to wait for the quarter of an hour.
      const soon = "[Timer]\nOnActiveSec=1s\nRandomizedDelaySec=0\n";
      const timer = service("check").replace(".service", ".timer");
      host.must(["systemctl", ...scope, "edit", "--stdin", "--runtime", timer], user, {}, soon);
      systemctl("restart", timer);
      await seen(() => lastRun("check")?.at !== before);
      expect(lastRun("check")?.exitCode).toBe(0);
      systemctl("revert", timer);
    });

    test("a Vault that it cannot unseal is reported, and that it is open again", async () => {
      host.must(["mv", `${home}/shares.json`, `${home}/shares.away`], user);
      host.must(["docker", "restart", "vault"]);
      systemctl("start", service("check"));
      expect(received()).toContain("raised vault.sealed");
      host.must(["mv", `${home}/shares.away`, `${home}/shares.json`], user);
      systemctl("start", service("check"));
      expect(received().slice(-2)).toEqual(["raised vault.sealed", "resolved vault.sealed"]);
    });

    test("the engine restarted alone: Vault is unsealed within two minutes", async () => {
      host.must(["systemctl", "restart", "docker"]);
      await seen(isOpen);
      expect(cli(["check", "--no-spend"])).toContain("initialized, unsealed and active");
    });

    test("a reboot without a login: Vault is unsealed within two minutes", async () => {
      await host.reboot();
      await seen(isOpen);
      expect(
        host.must(["docker", "exec", "vault", "vault", "kv", "get", "-field=api_key", "secret/openrouter"]),
      ).toContain(key);
    });

    test("a Node that an upgrade removed is named with its fix, and the schedule runs all the same", async () => {
      const other = `${user.home}/node`;
      host.must(["cp", "-L", "/usr/bin/node", other], user);
      // As by `sudo -u`, which names no place of the user's manager.
      const bare = ["env", "-u", "XDG_RUNTIME_DIR", other, ...start.slice(1)];
      host.must([...bare, "schedule", "add", "--instance", "default"], user);
      host.must(["rm", other], user);
      const { results } = JSON.parse(cli(["check", "--only", "host.schedules", "--json"]));
      expect(results[0]).toMatchObject({ status: "warn", fix: expect.stringMatching(/ up$/) });
      expect(results[0].summary).toContain(`${other}, which is missing`);
      expect(host.run([...start, "doctor", "--instance", "default"], user).stderr).toContain(
        `${other}, which is missing`,
      );
      const before = lastRun("check")?.at;
      expect(systemctl("start", service("check")).code).toBe(0);
      expect(lastRun("check")?.at).not.toBe(before);
      cli(["up"]);
      expect(cli(["check", "--only", "host.schedules"])).toContain(
        "scheduled on this host: check, drift, backup, unseal",
      );
    });

    test("an updated program is what the schedules run from the next up on", () => {
      const updated = `${user.home}/updated`;
      host.must(["cp", "-r", start[1]!.replace(/\/scripts\/.*/, ""), updated], user);
      host.must(
        [
          "sed",
          "-i",
          's/"version":"0.1.0"/"version":"0.2.0"/; s/"version": "0.1.0"/"version": "0.2.0"/',
          `${updated}/package.json`,
        ],
        user,
      );
      host.must(["sh", "-c", `echo >>${updated}/dist/cli.cjs`], user);
      const run = (...args: string[]) =>
        host.must(
          ["node", `${updated}/scripts/openclaw-openrouter.mjs`, ...args, "--instance", "default"],
          user,
        );
      expect(run("check", "--only", "host.schedules")).toContain("runs an older program: 0.1.0");
      run("up");
      host.must(["rm", "-r", updated], user);
      expect(systemctl("start", service("check")).code).toBe(0);
      expect(host.must(["openclaw-openrouter", "--version"], user)).toContain("0.2.0");
      expect(host.must(["openclaw-openrouter", "check", "--only", "host.schedules"], user)).toContain(
        "scheduled on this host",
      );
    });

    test("destroy --purge leaves no unit", () => {
      host.must(["openclaw-openrouter", "destroy", "--purge", "--yes", "--instance", "default"], user);
      const { stdout } = systemctl("list-units", "--all", "--no-legend", "openclaw-openrouter-*");
      expect(stdout.trim()).toBe("");
      const places = [
        "/etc/systemd",
        "/home/ann/.config",
        "/home/ann/.openclaw-openrouter",
        "/root/.openclaw-openrouter",
      ];
      const left = host.run(["find", ...places, "-name", "openclaw-openrouter-*"]).stdout;
      expect(left.trim()).toBe("");
      expect(systemctl("list-timers", "--all", "--no-legend").stdout).not.toContain("openclaw");
      host.must(["rm", "/srv/received"]);
    });
  });
});
