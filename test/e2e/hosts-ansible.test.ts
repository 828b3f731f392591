import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { describeUnless } from "../support/skip";
import { DeployedHost } from "./support/deployed";
import { isFull } from "./support/full";
import type { RunOutcome } from "./support/host";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { pathWithout } from "./support/path-without";
import { Haystack } from "./support/search";
import { SshClient, SshServer } from "./support/ssh-server";
import { watchCommandLines } from "./support/watch";

const ansible = process.env.TEST_ANSIBLE;
const reason = !isFull
  ? "only in npm run test:full"
  : !ansible || !process.env.TEST_SSHD
    ? "ansible-core or OpenSSH's server cannot be had"
    : undefined;

/** How many tasks of a host were changed, failed, and so on, by Ansible's own recap. */
type Recap = Record<string, Record<string, number>>;

jest.setTimeout(900_000);

/** The role and the playbooks of examples/ansible, by real ansible-core, on hosts with an ssh server. */
describeUnless(reason)("hosts by Ansible", () => {
  const host = new DeployedHost();
  const keys = { web1: newKey(), web2: newKey(), web3: newKey() };
  const servers = new Map<string, SshServer>();
  const commandLines = new Set<string>();
  const outputs: RunOutcome[] = [];
  const folder = join(host.folder, "ansible");
  const secretsFile = join(folder, "secrets.json");
  let openrouter: LocalOpenRouter;
  let client: SshClient;
  let path = "";

  const homeOf = (name: string) => join(host.folder, "others", name);
  const environmentOf = (name: string): Record<string, string> => ({
    ...{ HOME: homeOf(name), PATH: path, LANG: "C.UTF-8" },
    OPENCLAW_OPENROUTER_PUBLIC: join(homeOf(name), "public"),
    OPENCLAW_OPENROUTER_INSTALL: join(homeOf(name), "installed"),
  });
  const joinedFiles = (name: string) => existsSync(join(homeOf(name), ".openclaw/openrouter.json5"));

  beforeAll(async () => {
    openrouter = await host.restore(...Object.values(keys));
    client = new SshClient(join(host.folder, "person"));
    path = `${join(host.folder, "bin")}:${pathWithout(host, "docker", "terraform", "tofu", "go")}`;
    let port = 2300;
    for (const name of ["vault1", ...Object.keys(keys)]) {
      port += 1;
      mkdirSync(homeOf(name), { recursive: true });
      const environment =
        name === "vault1" ? (host.environment() as Record<string, string>) : environmentOf(name);
      const server = new SshServer(client, { name, address: "127.0.0.1", port, environment });
      await server.start();
      servers.set(name, server);
    }
    cpSync(resolve(__dirname, "../../examples/ansible"), folder, { recursive: true });
    writeFileSync(
      join(folder, "inventory.yml"),
      `openclaw:\n  hosts:\n${Object.keys(keys)
        .map((name) => `    ${name}:\n      openclaw_host_key: "{{ secrets.${name} }}"\n`)
        .join(
          "",
        )}  vars:\n    openclaw_host_vault: vault1\n    secrets: "{{ lookup('file', '${secretsFile}') | from_json }}"\nvault:\n  hosts:\n    vault1:\n`,
    );
    writeFileSync(secretsFile, JSON.stringify(keys), { mode: 0o600 });
  });
  afterAll(async () => {
    for (const server of servers.values()) server.stop();
    await openrouter.close();
    host.remove();
  });

  /** Runs a program of Ansible's as a person does, in the folder of the playbooks. */
  async function run(program: string, ...args: string[]): Promise<RunOutcome> {
    const environment = {
      ...{ PATH: `${client.bin}:${ansible}/bin:${process.env.PATH}`, LC_ALL: "C.UTF-8" },
      ...{ ANSIBLE_CONFIG: join(folder, "ansible.cfg"), ANSIBLE_HOME: join(host.folder, ".ansible") },
      ...{
        ANSIBLE_NOCOLOR: "1",
        ANSIBLE_LOG_PATH: join(folder, "log"),
        ANSIBLE_PYTHON_INTERPRETER: "/usr/bin/python3",
      },
    };
    const stop = watchCommandLines(commandLines);
    const script = `cd ${folder} && exec ${program} "$@"`;
    const outcome = await host.startCommand("sh", ["-c", script, "sh", ...args], environment).outcome;
    stop();
    outputs.push(outcome);
    return outcome;
  }
  async function play(...args: string[]): Promise<{ code: number | null; recap: Recap; text: string }> {
    const { code, stdout, stderr } = await run("ansible-playbook", "-vvv", ...args);
    const lines =
      stdout
        .split("PLAY RECAP")
        .at(-1)
        ?.matchAll(/^(\w+)\s+: (.*)$/gm) ?? [];
    const recap = Object.fromEntries(
      [...lines].map(([, name = "", counts = ""]) => [
        name,
        Object.fromEntries(
          [...counts.matchAll(/(\w+)=(\d+)/g)].map(([, key = "", count]) => [key, Number(count)]),
        ),
      ]),
    );
    return { code, recap, text: stdout + stderr };
  }
  const changed = (recap: Recap) =>
    Object.fromEntries(Object.entries(recap).map(([name, counts]) => [name, counts.changed]));

  test("the role and the playbooks are clean", async () => {
    const { code, stdout, stderr } = await run("ansible-lint", "--offline", "--profile", "production", ".");
    expect([code, code === 0 ? "" : stdout + stderr]).toEqual([0, ""]);
  });

  test("in check mode it says who would join, and nothing is changed", async () => {
    const { code, recap, text } = await play("site.yml", "--check");
    expect([code, code === 0 ? "" : text]).toEqual([0, ""]);
    for (const name of Object.keys(keys)) expect([name, recap[name]?.changed]).toEqual([name, 1]);
    expect(JSON.parse((await host.mustRun(["host", "list", "--json"])).stdout).hosts).toEqual([]);
    expect(Object.keys(keys).filter(joinedFiles)).toEqual([]);
  });

  test("every host joins with a key of its own, and a second run changes nothing", async () => {
    const first = await play("site.yml");
    expect([first.code, first.code === 0 ? "" : first.text]).toEqual([0, ""]);
    expect(changed(first.recap)).toEqual({ web1: 2, web2: 2, web3: 2 });
    expect(Object.keys(keys).filter(joinedFiles)).toEqual(Object.keys(keys));
    const again = await play("site.yml");
    expect([again.code, changed(again.recap)]).toEqual([0, { web1: 0, web2: 0, web3: 0 }]);
  });

  test("a changed file is reported in check mode, and placed again by a run", async () => {
    const file = join(homeOf("web2"), ".openclaw/openrouter.json5");
    const whole = readFileSync(file, "utf8");
    writeFileSync(file, whole.replace("openrouter/web2", "openrouter/web1"));
    const checked = await play("site.yml", "--check");
    expect([checked.code, changed(checked.recap)]).toEqual([0, { web1: 0, web2: 1, web3: 0 }]);
    expect(readFileSync(file, "utf8")).not.toBe(whole);
    const placed = await play("site.yml");
    expect([placed.code, changed(placed.recap)]).toEqual([0, { web1: 0, web2: 1, web3: 0 }]);
    expect(readFileSync(file, "utf8")).toBe(whole);
  });

  test("a host whose check fails fails, ends the run, and says why", async () => {
    await openrouter.control.putKey({ key: keys.web1, disabled: true });
    const { code, recap, text } = await play("site.yml");
    expect(code).toBe(2);
    expect(recap.web1).toMatchObject({ failed: 1 });
    // The others are later batches.
    expect(recap.web2).toBeUndefined();
    expect(text).toContain("key.valid");
    await openrouter.control.putKey({ key: keys.web1, limit: 30, limitReset: "monthly" });
  });

  test("a host that is down is put out all the same, and joins again later", async () => {
    servers.get("web3")?.stop();
    const out = await play("evict.yml", "--limit", "web3");
    expect([out.code, out.code === 0 ? "" : out.text]).toEqual([0, ""]);
    expect(
      JSON.stringify(JSON.parse((await host.mustRun(["host", "list", "--json"])).stdout).hosts),
    ).not.toContain("web3");
  });

  test("evict.yml takes a host's files too", async () => {
    const out = await play("evict.yml", "--limit", "web2");
    expect([out.code, changed(out.recap)]).toEqual([0, { web2: 2 }]);
    expect(joinedFiles("web2")).toBe(false);
    const again = await play("site.yml", "--limit", "web2");
    expect([again.code, changed(again.recap)]).toEqual([0, { web2: 2 }]);
  });

  test("the inventory as it stands is a list for the view of all", async () => {
    const { stdout } = await run("ansible-inventory", "--list");
    const list = join(host.folder, "list");
    writeFileSync(list, stdout);
    const environment = { PATH: `${client.bin}:${process.env.PATH}` };
    const seen = await host.run(["status", "--hosts", list, "--json"], environment);
    expect(JSON.parse(seen.stdout).hosts.map((each: { host: string; state: string }) => each)).toEqual(
      expect.arrayContaining([
        expect.objectContaining({ host: "web1" }),
        expect.objectContaining({ host: "vault1" }),
      ]),
    );
  });

  test("no key and no invitation is in an output, a log, a command line, or a file that Ansible left on a host", () => {
    const haystack = new Haystack();
    outputs.forEach(({ stdout, stderr }, index) => {
      haystack.add(`output ${index}`, stdout + stderr);
    });
    haystack.add("command lines", [...commandLines].join("\n"));
    haystack.add("log", readFileSync(join(folder, "log"), "utf8"));
    for (const name of [...Object.keys(keys)]) {
      const left = join(homeOf(name), ".ansible");
      if (existsSync(left)) haystack.addFolder(left);
    }
    expect(commandLines.size).toBeGreaterThan(0);
    for (const secret of [...Object.values(keys), "openclaw-invitation-1."])
      expect(haystack.find(secret)).toEqual([]);
    expect(readdirSync(folder)).toContain("log");
  });
});
