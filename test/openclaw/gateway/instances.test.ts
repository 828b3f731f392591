import { type ChildProcess, spawn } from "node:child_process";
import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { accountOf } from "../../../lib/core/system/os-user";
import { gatewayInstances, parseUnit } from "../../../lib/openclaw/gateway/instances";
import { scratchFolder } from "../../support/folder";
import { testAsRoot } from "../../support/skip";

const home = scratchFolder();
const account = { ...accountOf(), home };
const started: ChildProcess[] = [];
// Each ends what it started.
afterAll(async () => {
  const ended = started.map((child) => new Promise((resolve) => child.once("close", resolve)));
  for (const child of started) child.stdin?.end();
  await Promise.all(ended);
});

/** A process with a gateway's title, which starts one of its own, as OpenClaw does. */
async function gateway(env: Record<string, string>, childEnv: Record<string, string> = {}): Promise<void> {
  const script = `
    const own = ${JSON.stringify(childEnv)};
    const child = require("child_process").spawn("sleep", ["600"], { env: { ...process.env, ...own } });
    child.once("spawn", () => { process.title = "openclaw-gateway"; console.log("up"); });
    process.stdin.once("close", () => { child.kill(); process.exit(); }).resume();
  `;
  const child = spawn(process.execPath, ["-e", script], {
    env: { HOME: home, ...env },
    stdio: ["pipe", "pipe", "inherit"],
  });
  started.push(child);
  await new Promise((resolve) => child.stdout.once("data", resolve));
}
const locations = () => gatewayInstances(account).map(({ location: { config, by } }) => ({ config, by }));

test("a running gateway's files: by its variables, and by a profile that its title hides", async () => {
  await gateway({});
  expect(locations()).toEqual([{ config: join(home, ".openclaw/openclaw.json") }]);
  await gateway({ OPENCLAW_STATE_DIR: "/srv/oc" });
  await gateway({ OPENCLAW_PROFILE: "only" });
  await gateway({}, { OPENCLAW_PROFILE: "work", OPENCLAW_STATE_DIR: join(home, ".openclaw-work") });
  const own = { config: join(home, ".openclaw/openclaw.json") };
  const other = { config: "/srv/oc/openclaw.json", by: "OPENCLAW_STATE_DIR" };
  const hidden = { config: join(home, ".openclaw-work/openclaw.json"), by: "--profile" };
  const found = locations().sort((one, two) => (one.by ?? "").localeCompare(two.by ?? ""));
  expect(found).toEqual([own, own, hidden, other]);
});

test("a gateway of another home directory is for other files", async () => {
  const before = locations();
  await gateway({ HOME: "/srv/other" });
  expect(locations()).toEqual(before);
});

test("a running gateway whose process names no proxy is reported as one", async () => {
  await gateway({ OPENCLAW_STATE_DIR: "/srv/direct" });
  await gateway({ OPENCLAW_STATE_DIR: "/srv/proxied", https_proxy: "http://proxy:3128" });
  const found = gatewayInstances(account).map(({ location, lacksProxy }) => [location.config, lacksProxy]);
  expect(found).toContainEqual(["/srv/direct/openclaw.json", true]);
  expect(found).toContainEqual(["/srv/proxied/openclaw.json", undefined]);
});

test("a service whose file holds a plain key is reported, without the key", () => {
  const units = join(home, ".config/systemd/user");
  mkdirSync(units, { recursive: true });
  const unit = "[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway\n";
  writeFileSync(join(units, "openclaw-gateway.service"), unit);
  const key = `sk-or-v1-${"e".repeat(64)}`;
  writeFileSync(join(units, "openclaw-old.service"), `${unit}Environment=OPENROUTER_API_KEY=${key}\n`);
  const found = gatewayInstances(account).filter(({ name }) => name.startsWith("the service"));
  expect(found.map(({ name, keyFiles }) => [name, keyFiles])).toEqual([
    ["the service openclaw-gateway.service", []],
    ["the service openclaw-old.service", [join(units, "openclaw-old.service")]],
  ]);
  expect(JSON.stringify(found)).not.toContain("eeee");
});

test("what is beside a service's file, and its files of variables, count as systemd has it", () => {
  const units = join(home, ".config/systemd/user");
  const added = join(units, "openclaw-more.service.d");
  mkdirSync(added, { recursive: true });
  writeFileSync(
    join(units, "openclaw-more.service"),
    "[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway\nEnvironment=OPENCLAW_STATE_DIR=/srv/one\n",
  );
  const secrets = join(home, "secrets.env");
  const file = "[Service]\nEnvironment=OPENCLAW_STATE_DIR=/srv/two\nEnvironmentFile=-%h/secrets.env";
  writeFileSync(join(added, "10-secrets.conf"), `${file}\nEnvironmentFile=-/srv/missing.env\n`);
  writeFileSync(join(added, "notes.txt"), "Environment=OPENCLAW_STATE_DIR=/srv/three\n");
  writeFileSync(secrets, `OPENCLAW_INCLUDE_ROOTS="/srv/a:/srv/b"\nKEY=sk-or-v1-${"e".repeat(64)}\n`);
  const found = gatewayInstances(account).find(({ name }) => name.endsWith("openclaw-more.service"));
  expect(found).toMatchObject({
    location: { config: "/srv/two/openclaw.json", by: "OPENCLAW_STATE_DIR" },
    includeRoots: "/srv/a:/srv/b",
    keyFiles: [secrets],
  });
});

test("a service of the system counts for the user that it names, and reads the files of its own HOME", () => {
  const units = scratchFolder();
  mkdirSync(units, { recursive: true });
  const unit = "[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway\n";
  writeFileSync(join(units, "openclaw-gateway.service"), `${unit}User=openclaw\nEnvironment=HOME=/srv/oc\n`);
  writeFileSync(join(units, "openclaw-other.service"), `${unit}User=other\n`);
  writeFileSync(join(units, "openclaw-root.service"), unit);
  const of = (user: object) =>
    gatewayInstances({ ...account, ...user }, units)
      .filter(({ name }) => name.startsWith("the service"))
      .map(({ name, location }) => [name, location.config]);
  const own = ["the service openclaw-gateway.service", "/srv/oc/.openclaw/openclaw.json"];
  const ofRoot = ["the service openclaw-root.service", "/home/x/.openclaw/openclaw.json"];
  const root = account.uid === 0 ? [ofRoot] : [];
  expect(of({ name: "openclaw", home: "/home/x" })).toEqual([own, ...root]);
  expect(of({ name: "root", home: "/home/x" })).toEqual(root);
});

test("the enabled instances of a template count for their users, and a unit of another name that starts a gateway", () => {
  const units = scratchFolder();
  const wants = join(units, "multi-user.target.wants");
  for (const folder of [wants, join(units, "openclaw@.service.d"), join(units, "openclaw@anna.service.d")])
    mkdirSync(folder, { recursive: true });
  const start = "[Service]\nExecStart=/opt/runtime/node /opt/openclaw/current/dist/index.js gateway\n";
  writeFileSync(join(units, "openclaw@.service"), `${start}User=%i\n`);
  writeFileSync(
    join(units, "openclaw@.service.d/10.conf"),
    `[Service]\nEnvironmentFile=-${units}/%i.env\nEnvironment=OPENCLAW_STATE_DIR=/srv/%i\n`,
  );
  writeFileSync(
    join(units, "openclaw@anna.service.d/20.conf"),
    "[Service]\nEnvironment=OPENCLAW_STATE_DIR=/data/%i\n",
  );
  writeFileSync(join(units, "anna.env"), `OPENROUTER_API_KEY=sk-or-v1-${"e".repeat(64)}\n`);
  for (const name of ["anna", "bert"])
    symlinkSync("../openclaw@.service", join(wants, `openclaw@${name}.service`));
  writeFileSync(join(units, "clawbox-gateway.service"), `${start}User=anna\n`);
  writeFileSync(join(units, "api-gateway.service"), "[Service]\nExecStart=/usr/bin/api gateway\nUser=anna\n");
  const of = (name: string) =>
    gatewayInstances({ ...account, name, home: `/home/${name}` }, units).map(
      ({ name: unit, location, keyFiles }) => [unit, location.config, keyFiles],
    );
  expect(of("anna")).toEqual([
    ["the service openclaw@anna.service", "/data/anna/openclaw.json", [join(units, "anna.env")]],
    ["the service clawbox-gateway.service", "/home/anna/.openclaw/openclaw.json", []],
  ]);
  expect(of("bert")).toEqual([["the service openclaw@bert.service", "/srv/bert/openclaw.json", []]]);
  expect(of("carl")).toEqual([]);
});

test("of folders and texts without an end only the beginning is read", () => {
  const units = scratchFolder();
  const start = "[Service]\nExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway\nUser=anna\n";
  const found = () =>
    gatewayInstances({ ...account, name: "anna", home: "/home/anna" }, units).map(({ name }) => name);
  for (let number = 10; number <= 42; number++) mkdirSync(join(units, `${number}.target.wants`));
  for (const number of [41, 42])
    writeFileSync(join(units, `${number}.target.wants/openclaw@${number}.service`), start);
  expect(found()).toEqual(["the service openclaw@41.service"]);
  writeFileSync(join(units, "openclaw-a.service"), start.padEnd(999_000, "\n"));
  expect(found()).toEqual(["the service openclaw-a.service", "the service openclaw@41.service"]);
  writeFileSync(join(units, "openclaw-b.service"), start.padEnd(2000, "\n"));
  expect(found()).toEqual(["the service openclaw-a.service"]);
});

test.each([
  ["%S/openclaw", "/var/lib/openclaw"],
  // Not the home directory of the user that the service names: systemd's own pitfall.
  ["%h/.openclaw", "/root/.openclaw"],
  ["/srv/50%%h", "/srv/50%h"],
])("a service of the system names the folder %s as systemd does: %s", (written, folder) => {
  const units = scratchFolder();
  const start = "ExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway";
  const unit = `[Service]\n${start}\nUser=openclaw\nEnvironment=OPENCLAW_STATE_DIR=${written}\n`;
  writeFileSync(join(units, "openclaw-gateway.service"), unit);
  const found = gatewayInstances({ ...account, name: "openclaw", home: "/home/x" }, units);
  expect(found.find(({ name }) => name.startsWith("the service openclaw-gateway"))?.location.config).toBe(
    join(folder, "openclaw.json"),
  );
});

testAsRoot(
  "the variables of a system's service are read from a file that only root can read, but not what its user wrote",
  () => {
    const [units, nobody] = [scratchFolder(), accountOf("nobody")];
    chmodSync(units, 0o755);
    const variables = join(units, "openclaw.env");
    writeFileSync(variables, `OPENCLAW_STATE_DIR=/srv/oc\nKEY=sk-or-v1-${"e".repeat(64)}\n`, { mode: 0o600 });
    const unit = join(units, "openclaw-gateway.service");
    const start = "ExecStart=/usr/bin/node /opt/openclaw/dist/index.js gateway";
    writeFileSync(unit, `[Service]\n${start}\nUser=nobody\nEnvironmentFile=${variables}\n`);
    const found = () => gatewayInstances({ ...nobody, home: "/home/x" }, units);
    expect(found()).toMatchObject([{ location: { config: "/srv/oc/openclaw.json" }, keyFiles: [variables] }]);
    chownSync(unit, nobody.uid, nobody.gid);
    expect(found()).toMatchObject([
      { location: { config: "/home/x/.openclaw/openclaw.json" }, keyFiles: [] },
    ]);
  },
);

test("the words of a unit are systemd's", () => {
  const unit = `[Service]\nExecStart=/bin/a "b \\"c" 'd e' f="g h" 50%%\nEnvironment="A=b c" D=e\n`;
  expect(parseUnit(unit, {})).toEqual({
    args: ["/bin/a", 'b "c', "d e", "f=g h", "50%"],
    env: { A: "b c", D: "e" },
    environmentFiles: [],
    user: undefined,
  });
});

test.each([
  ['"', '\\"'],
  ['"', '\\"', "\\"],
  ["'", '"\\'],
])("a quote without an end reaches to the end of a text of any length: %j %j", (begin, piece, end = "") => {
  const text = `${begin}${piece.repeat(2 ** 16 / piece.length)}${end}`;
  expect(parseUnit(`ExecStart=a ${text}`, {}).args).toHaveLength(2);
  expect(Object.keys(parseUnit(`Environment=A=b ${text}`, {}).env)).toContain("A");
});
