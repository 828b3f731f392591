import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, rmSync, statfsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { stackNames } from "../../lib/model/home-paths";
import { deployedRecord } from "../../lib/store/records/deployed-record";
import { readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { killEngine } from "./support/engine";
import { isFull, testInFull } from "./support/full";
import { lockedBy, type RunOutcome, until } from "./support/host";
import { Killer, type KillTime } from "./support/killer";
import type { LocalOpenRouter } from "./support/openrouter";
import { describeWithPostgres, TestPostgres } from "./support/postgres";
import { signalTree, tree } from "./support/processes";
import { TestVault } from "./support/vault";

/** What the check at the end does: it changes nothing of the instance. */
const ofCheck = /^OpenRouter:|^engine: POST .*\/exec|^Vault: POST \/v1\/secret\/data|^journal/;

interface Row {
  readonly fault: string;
  /** How the run ended that it befell. */
  readonly ended: string;
  /** How the next run ended. */
  readonly next: string;
  /** Of the key, the other secret and the shares. */
  readonly lost: number;
}

/** What befalls a run of `state adopt` or of `state move`: the next run ends it, and no secret is lost. */
describeWithPostgres(`faults while state is taken over or moved (${isFull ? "all" : "a sample"})`, () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const postgres = new TestPostgres(host);
  const killer = new Killer(host.folder);
  const key = deployedKey;
  const other = { path: "secret/data/other", body: { data: { theirs: "kept" } } };
  const backend = { type: "pg", config: { schema_name: "openclaw_{stack}" } };
  const rows: Row[] = [];
  let shares: Shares | undefined;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    postgres.start();
    openrouter = await host.restore();
    await vault.asRoot((root) => root.call({ method: "POST", ...other }, z.unknown()));
    shares = readShares(home.shares);
  });
  afterAll(async () => {
    print(rows);
    postgres.stop();
    await openrouter.close();
    host.remove();
  });

  const settings = (more: object) =>
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, ...more });
  const inHome = () => settings({});
  const inPostgres = () => settings({ terraform: { backend } });
  /** Nothing of what was there before is in the way. */
  const inEmptyPostgres = () => {
    for (const stack of stackNames) postgres.query(`drop schema if exists openclaw_${stack} cascade`);
    inPostgres();
  };
  const isInPostgres = () => JSON.stringify(deployedRecord.read(home)?.settings).includes('"pg"');

  function loseStates(): void {
    for (const stack of stackNames)
      for (const path of [home.state(stack), home.deployedState(stack), `${home.state(stack)}.backup`])
        rmSync(path, { force: true });
  }

  const run = (args: readonly string[], time?: KillTime) =>
    host.run(args, {
      ...postgres.environment,
      ...(time ? killer.environment(time) : {}),
    });

  async function mustEnd(label: string, args: readonly string[]): Promise<RunOutcome> {
    const outcome = await run([...args, "--json"]);
    const { code, stderr } = outcome;
    expect({ label, code, stderr: code === 0 ? "" : stderr }).toEqual({ label, code: 0, stderr: "" });
    return outcome;
  }

  /** The next run ends what a fault left, and all is there. */
  async function expectEnded(fault: string, ended: RunOutcome, next: readonly string[]): Promise<void> {
    expect(ended.stderr).not.toContain("defect");
    const { stdout } = await mustEnd(fault, next);
    if (next[1] === "adopt" && JSON.parse(stdout).done)
      expect({ fault, left: JSON.parse(stdout).done.left }).toEqual({ fault, left: [] });
    const read = await vault.asRoot((root) => root.call({ path: other.path }, z.any()));
    const kept = [
      vault.key() === key,
      JSON.stringify(read.data.data) === JSON.stringify(other.body.data),
      JSON.stringify(readShares(home.shares)) === JSON.stringify(shares),
    ];
    rows.push({
      fault,
      ended: ended.code === null ? "killed" : `exit ${ended.code}`,
      next: `${next.join(" ")}: ended`,
      lost: kept.filter((each) => !each).length,
    });
    expect({ fault, kept }).toEqual({ fault, kept: [true, true, true] });
    expect(existsSync(home.adoption)).toBe(false);
    expect(existsSync(home.rootToken)).toBe(false);
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
    const left = readdirSync(home.terraform).filter((name) => name.endsWith(".plan"));
    expect({ fault, left }).toEqual({ fault, left: [] });
  }

  async function expectNothingLeft(): Promise<void> {
    const { stdout } = await mustEnd("afterwards", ["up"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false });
  }

  /** A run to its end, which tells the moments that there are. */
  async function momentsOf(args: readonly string[]): Promise<string[]> {
    expect(await run(args, {})).toMatchObject({ code: 0 });
    return killer.moments();
  }

  const adopt = ["state", "adopt", "--yes"] as const;
  const migrate = ["state", "move"] as const;

  /** Kills at the first moment of a pattern, or at each in turn. */
  async function killAtEach(
    title: string,
    args: readonly string[],
    sample: string,
    begin: () => void | Promise<void>,
  ): Promise<void> {
    await begin();
    const each = isFull ? await momentsOf(args) : [];
    const times: [string, KillTime][] = isFull
      ? each.flatMap((moment, index) => (ofCheck.test(moment) ? [] : [[moment, { at: index + 1 }]]))
      : [[sample, { on: sample }]];
    for (const [moment, time] of times) {
      await begin();
      const killed = await run(args, time);
      // A run with less to do than the one whose moments were counted came to its end before.
      if (killed.code === 0) continue;
      expect({ moment, code: killed.code }).toEqual({ moment, code: null });
      await expectEnded(`${title}: SIGKILL after ${nameless(moment)}`, killed, args);
    }
    await expectNothingLeft();
  }

  testInFull(
    "adopt, killed",
    async () => {
      await killAtEach("adopt", adopt, "apply complete of docker_container", loseStates);
    },
    3_600_000,
  );

  testInFull(
    "state move to the database, killed",
    async () => {
      await killAtEach("state move, there", migrate, "state push ended", async () => {
        await goBack();
        inEmptyPostgres();
      });
      await goBack();
    },
    3_600_000,
  );

  testInFull(
    "state move back, killed",
    async () => {
      await killAtEach("state move, back", migrate, "state push ended", async () => {
        if (!isInPostgres()) {
          inEmptyPostgres();
          await mustEnd("there", migrate);
        }
        inHome();
      });
    },
    3_600_000,
  );

  async function goBack(): Promise<void> {
    if (!isInPostgres()) return;
    inHome();
    await mustEnd("back", migrate);
  }

  testInFull("adopt: the engine is killed", async () => {
    loseStates();
    const running = host.start(adopt);
    await until(() => existsSync(home.state("vault")), "Terraform's work");
    const restart = await killEngine(host);
    const ended = await running.outcome.finally(restart);
    await expectEnded("adopt: SIGKILL of the engine", ended, adopt);
  });

  testInFull("adopt: Vault is killed", async () => {
    loseStates();
    const running = host.start(adopt);
    await until(() => existsSync(home.state("openrouter")), "Terraform's work at the second stack");
    host.docker("kill", "vault");
    await expectEnded("adopt: SIGKILL of Vault", await running.outcome, adopt);
  });

  testInFull("adopt: another one at once", async () => {
    loseStates();
    const first = host.start(adopt);
    await until(() => lockedBy(home.lock) === first.pid, "the first one's lock");
    signalTree(first.pid, "SIGSTOP");
    const second = await run(adopt);
    expect(second.stderr).toContain(`pid ${first.pid}`);
    signalTree(first.pid, "SIGCONT");
    expect(await first.outcome).toMatchObject({ code: 0 });
    await expectEnded("adopt: two at once", second, adopt);
  });

  const fullDisks: [string, readonly string[], () => void][] = [
    ["state adopt", adopt, loseStates],
    ["state move", migrate, inEmptyPostgres],
  ];

  for (const [name, args, begin] of fullDisks) {
    testInFull(`${name}: the home cannot be written to`, async () => {
      begin();
      execFileSync("mount", ["--bind", home.root, home.root]);
      execFileSync("mount", ["-o", "remount,ro,bind", home.root]);
      const ended = await run(args).finally(() => execFileSync("umount", [home.root]));
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be written to") });
      await expectEnded(`${name}: read-only home`, ended, args);
      await goBack();
    });

    testInFull(`${name}: the disk is full`, async () => {
      begin();
      const ended = await withFullDisk(() => run(args));
      expect(ended.code).toBe(1);
      await expectEnded(`${name}: full disk`, ended, args);
      await goBack();
    });
  }

  /** The home's folder of states lies on a disk of its own, which has no room left. */
  async function withFullDisk<T>(work: () => Promise<T>): Promise<T> {
    const aside = join(host.folder, "terraform-aside");
    execFileSync("cp", ["-a", home.terraform, aside]);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=64m,mode=0700", "tmpfs", home.terraform]);
    try {
      execFileSync("cp", ["-a", `${aside}/.`, home.terraform]);
      const filler = join(home.terraform, "filler");
      const { bavail, bsize } = statfsSync(home.terraform);
      writeFileSync(filler, Buffer.alloc(Number(bavail) * Number(bsize)));
      const result = await work();
      rmSync(filler);
      rmSync(aside, { recursive: true });
      execFileSync("cp", ["-a", home.terraform, aside]);
      return result;
    } finally {
      execFileSync("umount", [home.terraform]);
      rmSync(home.terraform, { recursive: true });
      execFileSync("cp", ["-a", aside, home.terraform]);
      rmSync(aside, { recursive: true });
    }
  }

  const isBegun = () =>
    postgres.query("select count(*) from pg_namespace where nspname like 'openclaw%'") !== "0";

  testInFull("state move: the database is killed", async () => {
    inEmptyPostgres();
    const running = host.start(migrate, postgres.environment);
    await until(isBegun, "the first thing in the database");
    signalTree(running.pid, "SIGSTOP");
    postgres.stop();
    signalTree(running.pid, "SIGCONT");
    const ended = await running.outcome;
    expect(ended.code).toBe(1);
    postgres.startAgain();
    await expectEnded("state move: the database is killed", ended, migrate);
    await goBack();
  });

  testInFull("state move: another run of this host at once", async () => {
    inEmptyPostgres();
    const first = host.start(migrate, postgres.environment);
    await until(() => lockedBy(home.lock) === first.pid && tree(first.pid).length > 1, "the first one");
    signalTree(first.pid, "SIGSTOP");
    const second = await run(migrate);
    expect(second.stderr).toContain(`pid ${first.pid}`);
    signalTree(first.pid, "SIGCONT");
    expect(await first.outcome).toMatchObject({ code: 0 });
    await expectEnded("state move: two at once", second, migrate);
  });
});

/** Without ids and names that are another run's the next time. */
function nameless(moment: string): string {
  return moment
    .replace(/[0-9a-f]{64}/, "<id>")
    .replace(/_[0-9A-F]{8}$/, "")
    .replace(/\d{8}T\d{6}Z/, "<time>");
}

function print(rows: readonly Row[]): void {
  const width = Math.max(...rows.map(({ fault }) => fault.length));
  const lines = rows.map(
    ({ fault, ended, next, lost }) =>
      `| ${fault.padEnd(width)} | ${ended.padEnd(7)} | ${next.padEnd(27)} | ${lost} |`,
  );
  const lost = rows.filter((row) => row.lost > 0).length;
  process.stderr.write(
    `\n${rows.length} faults while state was taken over or moved: ${rows.length} ended by the next run, ${lost} with a secret lost
| ${"fault".padEnd(width)} | the run | ${"the next run".padEnd(27)} | secrets lost |
${lines.join("\n")}\n`,
  );
}
