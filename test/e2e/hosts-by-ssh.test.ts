import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type HostsReport, hostsReport } from "../../lib/report/hosts-report";
import { DeployedHost } from "./support/deployed";
import type { RunOutcome } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { pathWithout } from "./support/path-without";
import { describeWithSsh, SshClient, SshServer, type SshServerProps } from "./support/ssh-server";

/** A Vault's host, two that joined it, and others that do not behave: each by OpenSSH's own server. */
describeWithSsh("one view of many hosts", () => {
  const host = new DeployedHost();
  const joined = { web1: newKey(), web2: newKey() };
  const servers: SshServer[] = [];
  let openrouter: LocalOpenRouter;
  let client: SshClient;
  let path = "";
  let port = 2200;

  const homeOf = (name: string) => join(host.folder, "others", name);
  const environmentOf = (home: string): Record<string, string> => ({
    ...{ HOME: home, PATH: path, LANG: "C.UTF-8" },
    OPENCLAW_OPENROUTER_PUBLIC: join(home, "public"),
    OPENCLAW_OPENROUTER_INSTALL: join(home, "installed"),
  });

  async function serve(name: string, props: Partial<SshServerProps>): Promise<SshServer> {
    port += 1;
    const base = {
      name,
      address: "127.0.0.1",
      port,
      environment: { HOME: homeOf(name), PATH: "/usr/bin:/bin" },
    };
    const server = new SshServer(client, { ...base, ...props });
    await server.start();
    servers.push(server);
    return server;
  }
  /** A host that runs a script instead of what it is asked for. */
  const misbehaving = (name: string, script: string) => {
    mkdirSync(homeOf(name), { recursive: true });
    writeFileSync(join(homeOf(name), "script"), script);
    return serve(name, { command: `/bin/sh ${join(homeOf(name), "script")}` });
  };

  async function onHosts(command: string, hosts: readonly string[], ...more: string[]) {
    const list = join(host.folder, "hosts");
    writeFileSync(list, hosts.join("\n"));
    const environment = { PATH: `${client.bin}:${process.env.PATH}`, OPENROUTER_API_KEY: undefined };
    const outcome = await host.run([command, "--hosts", list, "--json", ...more], environment);
    return { ...outcome, report: read(outcome) };
  }
  const read = ({ stdout, stderr }: RunOutcome): HostsReport => {
    if (stdout === "") throw new Error(stderr);
    return hostsReport.parse(JSON.parse(stdout));
  };
  const states = ({ hosts }: HostsReport) => Object.fromEntries(hosts.map((each) => [each.host, each.state]));
  const summaries = ({ hosts }: HostsReport) =>
    Object.fromEntries(hosts.map((each) => [each.host, each.summary]));
  const well = ["vault", "web1", "web2"];

  beforeAll(async () => {
    openrouter = await host.restore(...Object.values(joined));
    client = new SshClient(join(host.folder, "person"));
    path = `${join(host.folder, "bin")}:${pathWithout(host, "docker", "terraform", "tofu", "go")}`;
    for (const [name, key] of Object.entries(joined)) {
      const { stdout } = await host.mustRun(
        ["host", "invite", name, "--any-address", "--key-stdin"],
        {},
        key,
      );
      mkdirSync(homeOf(name), { recursive: true });
      await host.mustRun(
        ["host", "join"],
        { ...environmentOf(homeOf(name)), DOCKER_HOST: undefined },
        stdout,
      );
      await serve(name, { environment: environmentOf(homeOf(name)) });
    }
    await serve("vault", { environment: host.environment() as Record<string, string> });
  });
  afterAll(async () => {
    for (const server of servers) server.stop();
    await openrouter.close();
    host.remove();
  });

  test("check: every host's own report, with its version", async () => {
    const { code, report, stderr } = await onHosts(
      "check",
      well,
      "--no-spend",
      "--skip",
      "vault.shares,openclaw.user",
    );
    expect(states(report)).toEqual({ vault: "success", web1: "success", web2: "success" });
    expect(code).toBe(0);
    expect(report.hosts.map(({ program }) => program)).toEqual(
      Array(3).fill(expect.stringMatching(/^\d+\.\d+/)),
    );
    expect(stderr).toContain("Check of 3 hosts: 3 success");
    expect(stderr.split("\n").filter((line) => line.length > 80)).toEqual([]);
  });

  test("status and drift, and one host with drift is the whole's", async () => {
    expect((await onHosts("status", well)).code).toBe(0);
    expect(await onHosts("drift", well)).toMatchObject({ code: 0, report: { outcome: "success" } });
    const file = join(homeOf("web2"), ".openclaw/openrouter.json5");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace("openrouter/web2", "openrouter/web1"));
    const { code, report, stderr } = await onHosts("drift", well);
    expect(states(report)).toEqual({ vault: "success", web1: "success", web2: "drift" });
    expect(code).toBe(2);
    expect(report.hosts[2]).toMatchObject({
      severity: expect.any(String),
      problems: [{ fix: expect.any(String) }],
    });
    // What is printed first is what matters most, and a command in it is that host's.
    expect(stderr.trimStart()).toMatch(/^✖ web2 {2}drift/);
    expect(stderr).not.toMatch(/scripts\/openclaw-openrouter\.mjs/);
    writeFileSync(file, whole);
  });

  test("hosts that give no answer, or none to rely on, are unknown; the others are seen all the same", async () => {
    const passed = `{"version":1,"instance":"default","started":"2026-11-29T10:00:00.000Z","host":"web1","results":[{"id":"a","status":"pass","summary":"s","why":"w","durationMs":1}],"outcome":"pass","costUsd":0}`;
    await misbehaving("garbage", "printf '\\033[2J\\033]0;owned\\007{ all is well'; exit 0");
    await misbehaving("liar", `echo '${passed.replace("pass", "fail")}'; exit 0`);
    await misbehaving("another", `echo '${passed}'; exit 0`);
    await misbehaving("endless", "sleep 600");
    await misbehaving("long", "exec yes '{}'");
    await misbehaving("older", "echo \"error: unknown option '--json'\" >&2; exit 64");
    await serve("empty", {});
    await serve("stranger", { isKnown: false });
    await serve("password", { letsIn: false });
    client.add({ name: "down", address: "127.0.0.1", port: 1, environment: {}, isKnown: false }, "");
    const odd = [
      "garbage",
      "liar",
      "endless",
      "long",
      "older",
      "empty",
      "stranger",
      "password",
      "down",
      "nowhere.invalid",
    ];
    const hosts = [...odd, "another", "web1"];
    const { code, report, stdout, stderr } = await onHosts(
      "check",
      hosts,
      "--no-spend",
      "--host-timeout",
      "20s",
      "--parallel",
      "12",
    );
    expect(states(report)).toEqual({
      ...Object.fromEntries(odd.map((name) => [name, "unknown"])),
      // What it says about itself is dropped: it stands for its own line of the list alone.
      ...{ another: "success", web1: "success" },
    });
    expect(code).toBe(1);
    expect(summaries(report)).toMatchObject({
      ...{ garbage: expect.stringContaining("something else than the report of check") },
      ...{ liar: expect.stringContaining("contradict each other") },
      ...{
        endless: expect.stringContaining("did not end within 20 s"),
        long: expect.stringContaining("more than"),
      },
      ...{ older: expect.stringContaining("does not take this command") },
      ...{ empty: expect.stringContaining("not installed there") },
      ...{ stranger: "ssh does not know its host key", password: expect.stringContaining("ssh was refused") },
      ...{ down: expect.stringContaining("no ssh server"), "nowhere.invalid": "its name is unknown" },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: this is what must not be there
    expect(stdout + stderr).not.toMatch(/\u001b|\u0007/);
    expect(stderr).toContain("compare the fingerprint: ssh stranger");
  });

  test("an inventory's secrets are never shown, and no host is asked if the list is wrong", async () => {
    const inventory = (hostvars: object) => JSON.stringify({ _meta: { hostvars }, all: { children: [] } });
    const secret = "hunter2-of-the-inventory";
    const by = {
      ansible_host: "127.0.0.1",
      ansible_port: 2201,
      ansible_user: "root",
      ansible_password: secret,
    };
    const { code, report, stdout, stderr } = await onHosts("status", [inventory({ web1: by })]);
    // By its address, its key is not known to this person.
    expect([code, report.hosts[0]?.host]).toEqual([expect.any(Number), "web1"]);
    expect(stdout + stderr).not.toContain(secret);
    const list = join(host.folder, "hosts");
    const trap = join(host.folder, "owned");
    writeFileSync(list, `web1\n-oProxyCommand=touch ${trap}\n`);
    expect(await host.run(["check", "--hosts", list])).toMatchObject({ code: 64, stdout: "" });
    expect(() => readFileSync(trap)).toThrow("ENOENT");
  });

  test("what changes something is refused", async () => {
    for (const args of [
      ["drift", "--fix"],
      ["drift", "--key", "stored"],
      ["status", "--all"],
      ["check", "--settings", "x"],
    ])
      expect(await host.run([...args, "--hosts", "hosts"])).toMatchObject({
        code: 64,
        stderr: expect.stringContaining("only reads"),
      });
    expect(await host.run(["check", "--parallel", "3"])).toMatchObject({ code: 64 });
    rmSync(join(host.folder, "hosts"), { force: true });
    expect(await host.run(["check", "--hosts", join(host.folder, "hosts")])).toMatchObject({ code: 64 });
  });
});
