import { existsSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DriftReport } from "../../lib/report/drift-report";
import { describeInFull, testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { HostOfTwoUsers } from "./support/two-users";
import { TestVault } from "./support/vault";

/** Root deploys, alice runs OpenClaw, and bob has nothing to do with it. */
describe("agent and deployer apart", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const users = new HostOfTwoUsers(host);
  const { alice, bob } = users;
  const key = newKey();
  const home = host.home("default");
  const settings = join(home.root, "openrouter.settings.yaml");
  const folder = join(alice.home, ".openclaw");
  let openrouter: LocalOpenRouter;
  let yaml: string;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    users.useOpenClaw(alice);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    yaml = `# OpenRouter of this test\nopenrouter:\n  baseUrl: ${openrouter.baseUrl}  # local\n`;
    writeFileSync(join(host.folder, "key"), key, { mode: 0o600 });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
    users.remove();
  });

  const given = ["--key-file", join(host.folder, "key")];

  test("without a terminal nobody is chosen, and nothing is deployed", async () => {
    const { code, stderr } = await users.run(["up", ...given]);
    expect(code).toBe(64);
    expect(stderr).toContain(`alice, who has ${folder}/openclaw.json`);
    expect(stderr).toContain('"openclaw": { "user": "alice" }');
    expect(host.docker("ps", "-aq")).toBe("");
    expect(existsSync(join(folder, "config.json"))).toBe(false);
  });

  test("who called sudo is named too", async () => {
    const { code, stderr } = await users.run(["up", ...given], { SUDO_USER: "bob" });
    expect(code).toBe(64);
    expect(stderr).toContain("bob, who called sudo; alice, who has");
  });

  test("whose gateway runs is named too; a link to another one's folder names nobody", async () => {
    symlinkSync(folder, join(bob.home, ".openclaw"));
    expect((await users.run(["up", ...given])).stderr).not.toContain("bob");
    users.gatewayOf = bob;
    const { code, stderr } = await users.run(["up", ...given]);
    users.gatewayOf = undefined;
    rmSync(join(bob.home, ".openclaw"));
    expect(code).toBe(64);
    expect(stderr).toMatch(/alice, who has \S+; bob, who runs a gateway \(pid \d+\)/);
    expect(stderr).toContain('"openclaw": { "user": "bob" }');
  });

  test("on a terminal Enter deploys for alice, and the settings keep their comments", async () => {
    rmSync(join(home.root, "openrouter.settings.json"));
    writeFileSync(settings, yaml);
    const { code, screen } = await users.runOnTerminal(
      ["up", ...given],
      [{ to: /Deploy for alice\?/, type: "" }],
    );
    if (code !== 0) throw new Error(screen);
    expect(readFileSync(settings, "utf8")).toBe(`${yaml}openclaw:\n  user: alice\n`);
    expect(statSync(join(folder, "openrouter.json5")).uid).toBe(alice.uid);
    expect(existsSync(join(host.userHome, ".openclaw"))).toBe(false);
    expect(screen).toContain("alice reaches neither this instance nor the engine");
    expect(vault.key()).toBe(key);
  });

  test("a second deploy asks nothing, without a terminal too", async () => {
    expect((await users.mustRun(["up"])).stderr).toContain("nothing changed");
  });

  test.each([["check"], ["up"], ["status"], ["drift"]])("alice's %s tells whose it is", async (command) => {
    const { code, stderr } = await users.runAs(alice, [command]);
    expect(code).toBe(4);
    expect(stderr).toContain("was deployed by root, as the instance default");
    expect(stderr).toMatch(/sudo \S+openclaw-openrouter\.mjs check --instance default/);
    // No sandbox was made.
    expect(existsSync(join(alice.home, ".openclaw-openrouter"))).toBe(false);
  });

  test("an instance of her own, and bob's, are not concerned", async () => {
    const own = await users.runAs(alice, ["status", "--instance", "sandbox"]);
    expect(own.stderr).toContain("The instance sandbox is not deployed");
    const his = await users.runAs(bob, ["check"]);
    expect([own.code, his.code]).toEqual([4, 4]);
    expect(his.stderr).toContain("The instance default is not deployed");
  });

  testInFull("the group docker is warned of, as long as nobody accepts it", async () => {
    users.setGroups(alice);
    const check = async () =>
      JSON.parse((await users.mustRun(["check", "--json", "--only", "openclaw.user"])).stdout).results[0];
    const before = await check();
    expect(before).toMatchObject({ id: "openclaw.user", status: "warn" });
    expect(before.summary).toContain("alice, who runs OpenClaw, is in the group docker");
    expect(before.fix).toContain("gpasswd -d alice docker");
    const deployed = readFileSync(settings, "utf8");
    const accepted =
      "check:\n  accepted:\n    - { id: openclaw.user, warning: engine, reason: a host of one person's }\n";
    writeFileSync(settings, `${deployed}${accepted}`);
    try {
      expect(await check()).toMatchObject({
        status: "pass",
        summary: "a warning is accepted: a host of one person's",
        details: [before.summary],
        accepted: [{ warning: "engine", reason: "a host of one person's" }],
      });
    } finally {
      writeFileSync(settings, deployed);
      users.setGroups();
    }
  });

  describeInFull("drift, by openclaw.user alone", () => {
    const drift = async (...args: string[]) => {
      const { code, stdout, stderr } = await users.run(["drift", "--json", ...args]);
      return { code, stderr, findings: (JSON.parse(stdout) as DriftReport).findings };
    };

    test("none, as it was deployed", async () => {
      expect(await drift()).toMatchObject({ code: 0, findings: [] });
    });

    test("alice's folder is the one that it looks at, and fixes", async () => {
      const path = join(folder, "openrouter.json5");
      writeFileSync(path, `${readFileSync(path, "utf8")}// changed\n`);
      const { code, findings } = await drift();
      expect(code).toBe(2);
      expect(findings.map(({ id }) => id)).toEqual(["openclaw.fragment.content"]);
      expect(findings[0]?.subject).toContain(path);
      expect((await users.run(["drift", "--fix", "--yes"])).code).toBe(0);
      expect(readFileSync(path, "utf8")).not.toContain("changed");
      expect(statSync(path).uid).toBe(alice.uid);
    });

    test("who runs OpenClaw is a change of the settings", async () => {
      const before = readFileSync(settings, "utf8");
      writeFileSync(settings, before.replace("user: alice", "user: bob"));
      try {
        const { code, findings } = await drift();
        expect(code).toBe(3);
        expect(findings.find(({ id }) => id === "settings.openclaw.user")).toMatchObject({
          expected: "bob",
          actual: "alice",
        });
      } finally {
        writeFileSync(settings, before);
      }
    });
  });

  test("another user in the settings takes it from alice, and tells bob", async () => {
    const before = readFileSync(settings, "utf8");
    writeFileSync(settings, before.replace("user: alice", "user: bob"));
    await users.mustRun(["up"]);
    expect(existsSync(join(folder, "openrouter.json5"))).toBe(false);
    expect((await users.runAs(bob, ["check"])).stderr).toContain("was deployed by root");
    expect((await users.runAs(alice, ["check"])).stderr).toContain("The instance default is not deployed");
  });

  test("after destroy nobody is told of root any more", async () => {
    await users.mustRun(["destroy", "--yes"]);
    expect((await users.runAs(bob, ["check"])).stderr).toContain("The instance default is not deployed");
    expect(existsSync(join(users.publicFolder, "default.json"))).toBe(false);
  });
});
