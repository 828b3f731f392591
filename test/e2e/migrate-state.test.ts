import { cpSync, existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { homePaths, stackNames } from "../../lib/model/home-paths";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull } from "./support/full";
import { type RunOutcome, until } from "./support/host";
import type { LocalOpenRouter } from "./support/openrouter";
import { describeWithPostgres, TestPostgres } from "./support/postgres";
import { signalTree, tree } from "./support/processes";
import { Haystack } from "./support/search";
import { TestVault } from "./support/vault";
import { watchCommandLines } from "./support/watch";

/** State where a team keeps it: moved there and back, and worked on by two hosts. */
describeWithPostgres("state in PostgreSQL", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const postgres = new TestPostgres(host);
  const key = deployedKey;
  const outcomes: RunOutcome[] = [];
  const commandLines = new Set<string>();
  /** The second host's folder, which that one sees instead of the first one's. */
  const otherUser = join(host.folder, "other-home");
  const otherHome = homePaths(join(otherUser, ".openclaw-openrouter/default"));
  const backend = { type: "pg", config: { schema_name: "openclaw_{stack}" } };
  let openrouter: LocalOpenRouter;

  function settings(root: string, more: object): void {
    const whole = { openrouter: { baseUrl: openrouter.baseUrl }, ...more };
    writeFileSync(join(root, "openrouter.settings.json"), JSON.stringify(whole));
  }
  const inPostgres = (more: object = {}) => settings(home.root, { terraform: { backend }, ...more });

  async function run(args: string[], environment = postgres.environment): Promise<RunOutcome> {
    const stop = watchCommandLines(commandLines);
    try {
      const outcome = await host.run(args, environment);
      outcomes.push(outcome);
      return outcome;
    } finally {
      stop();
    }
  }

  async function mustRun(args: string[]): Promise<RunOutcome> {
    const outcome = await run(args);
    expect({ code: outcome.code, stderr: outcome.code === 0 ? "" : outcome.stderr }).toEqual({
      code: 0,
      stderr: "",
    });
    return outcome;
  }

  async function onOther(args: string[]): Promise<RunOutcome> {
    const outcome = await host.startOnOther(otherUser, args, postgres.environment).outcome;
    outcomes.push(outcome);
    return outcome;
  }

  function expectStop({ code, stderr }: RunOutcome, ...says: (string | RegExp)[]): void {
    for (const text of says) expect(stderr).toMatch(text);
    expect(stderr).not.toContain("defect");
    expect(code).toBe(1);
  }

  const inDatabase = () =>
    stackNames.map((stack) => JSON.parse(postgres.query(`select data from openclaw_${stack}.states`)));
  const resources = (state: { resources: unknown }) => state.resources;
  const inHome = () => stackNames.map((stack) => JSON.parse(readFileSync(home.state(stack), "utf8")));

  beforeAll(async () => {
    postgres.start();
    openrouter = await host.restore();
  });
  afterAll(async () => {
    postgres.stop();
    await openrouter.close();
    host.remove();
  });

  test("a changed place is reported, and nothing starts again there", async () => {
    inPostgres();
    expectStop(await run(["up"]), "in another place than it is in", "state move");
    expectStop(await run(["destroy", "--yes"]), "state move");
    const drift = await run(["drift", "--json"]);
    const findings = JSON.parse(drift.stdout).findings.map(({ id }: { id: string }) => id);
    expect(findings.every((id: string) => id.startsWith("settings.terraform.backend"))).toBe(true);
    expect(postgres.query("select count(*) from pg_namespace where nspname like 'openclaw%'")).toBe("0");
  });

  test("state move moves it there, and changes nothing else", async () => {
    const before = inHome();
    const started = vault.started();
    const { stdout } = await mustRun(["state", "move", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      changed: false,
      migrated: { moved: ["vault", "openrouter"], from: "the instance directory" },
    });
    expect(inDatabase().map(resources)).toEqual(before.map(resources));
    for (const stack of stackNames) {
      expect(existsSync(home.state(stack))).toBe(false);
      expect(JSON.parse(readFileSync(home.movedState(stack), "utf8")).serial).toBeGreaterThan(0);
    }
    expect(vault.started()).toBe(started);
    expect((await mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
    expect((await mustRun(["drift"])).stderr).toContain("No drift");
  });

  testInFull("what drifted is fixed by the state that is there", async () => {
    host.docker("rename", "vault", "other");
    await mustRun(["drift", "--fix", "--yes"]);
    expect(host.docker("ps", "--format", "{{.Names}}")).toBe("vault");
  });

  testInFull(
    "two hosts at once: the backend locks the second one out, and afterwards it sees what the first one did",
    async () => {
      cpSync(host.userHome, otherUser, { recursive: true });
      // Made again by this: Terraform is at it for seconds.
      inPostgres({ vault: { ui: false } });
      const first = host.start(["up"], postgres.environment);
      await until(() => isLockHeld() && haltWithLock(first.pid), "the first one's lock");
      expectStop(await onOther(["up"]), "its backend keeps it locked", "Wait for that run to end");
      signalTree(first.pid, "SIGCONT");
      expect(await first.outcome).toMatchObject({ code: 0 });

      settings(otherHome.root, { terraform: { backend }, vault: { ui: false } });
      const { stdout } = await onOther(["up", "--json"]);
      expect(JSON.parse(stdout)).toMatchObject({ changed: false });
    },
  );

  testInFull(
    "two hosts at once, at no chosen moment: each ends well or is locked out, and the state stays whole",
    async () => {
      const kinds = new Set<string>();
      // Both have one engine: each can meet the container that the other makes again.
      const stops =
        /its backend keeps it locked|changed the state of the stack \w+ meanwhile|but the check failed|Vault (does not answer|is sealed|answered 503)/;
      for (let round = 0; round < 8; round++) {
        inPostgres({ vault: { ui: round % 2 === 0 } });
        settings(otherHome.root, { terraform: { backend }, vault: { ui: round % 4 < 2 } });
        const before = inDatabase();
        const runs = await Promise.all([run(["up"]), onOther(["up"])]);
        for (const each of runs) if (each.code !== 0) expectStop(each, stops);
        const after = inDatabase();
        for (const [index, state] of after.entries()) {
          expect(state.lineage).toBe(before[index].lineage);
          expect(state.serial).toBeGreaterThanOrEqual(before[index].serial);
          expect(state.resources).toHaveLength(before[index].resources.length);
        }
        expect(isLockHeld()).toBe(false);
        kinds.add(runs.map(({ code }) => code).join(" "));
        // What one declared, and nothing of the other's.
        await mustRun(["up"]);
        expect((await mustRun(["drift"])).stderr).toContain("No drift");
      }
      process.stderr.write(`\ntwo at once, 8 rounds, exit codes: ${[...kinds].join(", ")}\n`);
      settings(otherHome.root, { terraform: { backend }, vault: { ui: false } });
      inPostgres({ vault: { ui: false } });
      await mustRun(["up"]);
    },
    600_000,
  );

  const isLockHeld = () =>
    postgres.query("select count(*) from pg_locks where locktype = 'advisory'") !== "0";

  /** Whether it was stopped while it held the lock; else it goes on. */
  function haltWithLock(pid: number): boolean {
    signalTree(pid, "SIGSTOP");
    if (isLockHeld() && tree(pid).length > 1) return true;
    signalTree(pid, "SIGCONT");
    return false;
  }

  testInFull("and back: the database keeps its copy, which nobody reads", async () => {
    inPostgres({ vault: { ui: false } });
    await mustRun(["up"]);
    settings(home.root, { vault: { ui: false } });
    const before = inDatabase();
    const { stdout } = await mustRun(["state", "move", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, migrated: { to: "the instance directory" } });
    expect(inHome().map(resources)).toEqual(before.map(resources));
    expect(inHome().map(({ lineage }) => lineage)).toEqual(before.map(({ lineage }) => lineage));
    expect(inDatabase()).toEqual(before);
    expect(deployedRecord.read(home)?.settings).toMatchObject({ terraform: { backend: { type: "local" } } });
    expect((await mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
  });

  testInFull("a newer state is not overwritten, by either way", async () => {
    settings(otherHome.root, { terraform: { backend }, vault: { ui: true } });
    const other = await onOther(["up", "--json"]);
    expect(JSON.parse(other.stdout)).toMatchObject({ changed: true });
    const newer = inDatabase();
    const ours = inHome();
    inPostgres({ vault: { ui: true } });
    expectStop(
      await run(["state", "move"]),
      "as new or newer is in the new place. Nothing was moved.",
      `serial ${newer[0].serial}`,
      home.state("vault"),
    );
    expect(inDatabase()).toEqual(newer);
    expect(inHome()).toEqual(ours);

    // As the message says: the one in the new place is gone on with.
    for (const stack of stackNames) rmSync(home.state(stack));
    await mustRun(["state", "move"]);
    expect(resources(inDatabase()[0])).toEqual(resources(newer[0]));
    expect((await mustRun(["up"])).stderr).toContain("nothing changed; the check passed.");
  });

  testInFull("another state is not overwritten", async () => {
    postgres.query(
      `create schema other_vault; create table other_vault.states as select name, regexp_replace(data, '"lineage": *"', '"lineage":"0') as data from openclaw_vault.states;
       update other_vault.states set data = regexp_replace(data, '"memory": *512', '"memory": 511')`,
    );
    const before = postgres.query("select data from other_vault.states");
    expect(before).toContain('"memory": 511');
    settings(home.root, {
      terraform: { backend: { type: "pg", config: { schema_name: "other_{stack}" } } },
      vault: { ui: true },
    });
    expectStop(await run(["state", "move"]), "Another state of the stack vault is in the new place");
    expect(postgres.query("select data from other_vault.states")).toBe(before);
    inPostgres({ vault: { ui: true } });
    await mustRun(["up"]);
  });

  testInFull(
    "a database that does not answer, or a wrong connection, is reported without the password",
    async () => {
      const wrong = postgres.connection.replace("127.0.0.1", "127.0.0.1:none");
      expectStop(
        await run(["up"], { PG_CONN_STR: wrong }),
        "would leave this host unencrypted",
        "terraform.backend",
      );
      expectStop(
        await run(["up"], { ...postgres.environment, PGPORT: "1" }),
        "could not open the backend",
        "refused",
      );
      expectStop(
        await run(["up"], { ...postgres.environment, PGPASSWORD: `${postgres.password}x` }),
        "password authentication failed",
      );
      expect(await run(["up"], { PG_CONN_STR: postgres.connection })).toMatchObject({ code: 0 });
    },
  );

  test("the password is nowhere, nor is the key in the database", () => {
    const haystack = new Haystack();
    haystack.addFolder(host.folder);
    outcomes.forEach(({ stdout, stderr }, index) => {
      haystack.add(`output ${index}`, stdout + stderr);
    });
    haystack.add("command lines", [...commandLines].join("\n"));
    haystack.add("docker inspect", host.docker("inspect", "vault"));
    haystack.add("dump", postgres.dump());
    expect(haystack.names).toContain(join(home.cdktfOut, "stacks/vault/cdk.tf.json"));
    expect([...commandLines].join("\n")).toMatch(/state\0push/);
    expect(haystack.find(postgres.password)).toEqual([]);
    expect(haystack.find(key)).toEqual([]);
  });
});
