import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readShares, type Shares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { killEngine } from "./support/engine";
import { isFull, testInFull, triedOf } from "./support/full";
import { lockedBy, type RunOutcome, until } from "./support/host";
import { Killer, type KillTime } from "./support/killer";
import type { LocalOpenRouter } from "./support/openrouter";
import { signalTree } from "./support/processes";
import { TestVault } from "./support/vault";

/** What the check at the end does: it changes nothing of the instance. */
const ofCheck = /^OpenRouter:|^Vault: POST \/v1\/secret\/data|^journal/;
/** The moments of a command that are tried, spread over all of them. */
const most = 12;

interface Row {
  readonly fault: string;
  /** How the run ended that it befell. */
  readonly ended: string;
  /** Of the key, the other secret and the shares. */
  readonly lost: number;
}

/** What befalls a run of `backup`, `restore`, `rebuild` or `upgrade`: the next run ends it, and no secret is lost. */
describe(`faults while Vault is backed up or put back (${isFull ? "all" : "a sample"})`, () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const killer = new Killer(host.folder);
  const folder = join(host.folder, "backups");
  const file = join(folder, "first.tar");
  const key = deployedKey;
  const other = { path: "secret/data/other", body: { data: { theirs: "kept" } } };
  const otherImage = "test/vault:other";
  const rows: Row[] = [];
  let shares: Shares | undefined;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await vault.asRoot((root) => root.call({ method: "POST", ...other }, z.unknown()));
    shares = readShares(home.shares);
    await host.mustRun(["backup", "create", "--out", file]);
    host.docker("commit", "--change", "LABEL build=other", "vault", otherImage);
  });
  afterAll(async () => {
    print(rows);
    await openrouter.close();
    host.docker("rmi", "-f", otherImage);
    host.remove();
  });

  const settings = (image?: string) =>
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      ...(image ? { vault: { image } } : {}),
    });
  const otherOne = () => {
    const isOther = readFileSync(join(home.root, "openrouter.settings.json"), "utf8").includes(otherImage);
    settings(isOther ? undefined : otherImage);
  };

  const run = (args: readonly string[], time?: KillTime) =>
    host.run(args, time ? killer.environment(time) : {});

  const commands = {
    backup: ["backup", "create", "--out", `${folder}/`],
    restore: ["restore", "--from", file, "--yes"],
    rebuild: ["rebuild", "--yes"],
    upgrade: ["vault", "upgrade", "--yes"],
  } as const;
  const begin = { backup: () => {}, restore: () => {}, rebuild: () => {}, upgrade: otherOne };

  /** The next run ends what a fault left, and all is there. */
  async function expectEnded(fault: string, ended: RunOutcome, next: readonly string[]): Promise<void> {
    expect(ended.stderr).not.toContain("defect");
    const { code, stderr } = await run(next);
    expect({ fault, code, stderr: code === 0 ? "" : stderr }).toEqual({ fault, code: 0, stderr: "" });
    const read = await vault.asRoot((root) => root.call({ path: other.path }, z.any()));
    const kept = [
      vault.key() === key,
      JSON.stringify(read.data.data) === JSON.stringify(other.body.data),
      JSON.stringify(readShares(home.shares)) === JSON.stringify(shares),
    ];
    rows.push({
      fault,
      ended: ended.code === null ? "killed" : `exit ${ended.code}`,
      lost: kept.filter((each) => !each).length,
    });
    expect({ fault, kept }).toEqual({ fault, kept: [true, true, true] });
    const left = [home.replacing, join(home.root, "before"), join(home.root, "before-rebuild.json")];
    expect({ fault, left: left.filter((path) => existsSync(path)) }).toEqual({ fault, left: [] });
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
  }

  /** Nothing of any run is left on the engine but what is the instance's, and no half of a backup. */
  async function expectNothingLeft(): Promise<void> {
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    expect(host.docker("ps", "-a", "--format", "{{.Names}}")).toBe("vault");
    const volumes = host.docker("volume", "ls", "-q", "--filter", "name=vault").split("\n").sort();
    expect(volumes).toEqual(["vault-data", "vault-home", "vault-socket"]);
  }

  /** A run to its end, which tells the moments that there are: those of a kind once. */
  async function momentsOf(args: readonly string[]): Promise<number[]> {
    expect(await run(args, {})).toMatchObject({ code: 0 });
    const said = killer.moments().map(withoutIds);
    const different = said.flatMap((moment, index) =>
      ofCheck.test(moment) || said.indexOf(moment) !== index ? [] : [index + 1],
    );
    const step = Math.max(1, different.length / most);
    return different.filter((_, nth) => Math.floor(nth / step) !== Math.floor((nth - 1) / step));
  }

  const samples: Partial<Record<keyof typeof commands, string>> = {
    rebuild: "Vault: PUT /v1/sys/init answered",
  };

  test.each(
    triedOf(
      Object.keys(commands) as (keyof typeof commands)[],
      (command) => samples[command] !== undefined,
      (command) => `${command}, killed`,
    ),
  )(
    "%s, killed",
    async (command) => {
      const args = commands[command];
      begin[command]();
      const times: KillTime[] = isFull
        ? (await momentsOf(args)).map((at) => ({ at }))
        : [{ on: samples[command]! }];
      for (const time of times) {
        begin[command]();
        const killed = await run(args, time);
        const moment = withoutIds(killer.moments().at(-1)!);
        await expectEnded(`${command}: SIGKILL after ${moment}`, killed, args);
      }
      await expectNothingLeft();
    },
    3_600_000,
  );

  testInFull("restore: the engine is killed", async () => {
    const running = host.start(commands.restore);
    await until(() => ephemeral() !== "", "the temporary Vault");
    const restart = await killEngine(host);
    const ended = await running.outcome.finally(restart);
    await expectEnded("restore: SIGKILL of the engine", ended, commands.restore);
  });

  testInFull("restore: the temporary Vault is killed, and all is as it was at once", async () => {
    const running = host.start(commands.restore);
    await until(() => ephemeral() !== "", "the temporary Vault");
    host.docker("kill", ephemeral());
    const ended = await running.outcome;
    expect(ended.code).toBe(1);
    expect(existsSync(home.replacing)).toBe(false);
    expect(vault.key()).toBe(key);
    await expectEnded("restore: SIGKILL of the temporary Vault", ended, commands.restore);
  });
  const ephemeral = () => host.docker("ps", "-q", "--filter", "name=ephemeral");

  testInFull("rebuild: Vault is killed", async () => {
    const running = host.start(commands.rebuild);
    await until(() => lockedBy(home.lock) === running.pid, "the lock");
    host.docker("kill", "vault");
    await expectEnded("rebuild: SIGKILL of Vault", await running.outcome, commands.rebuild);
  });

  testInFull("backup: the disk is full", async () => {
    const small = join(host.folder, "small");
    mkdirSync(small);
    execFileSync("mount", ["-t", "tmpfs", "-o", "size=40k,mode=0700", "tmpfs", small]);
    try {
      const ended = await run(["backup", "create", "--out", `${small}/`]);
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("disk is full") });
      expect(readdirSync(small)).toEqual([]);
      await expectEnded("backup: full disk", ended, commands.backup);
    } finally {
      execFileSync("umount", [small]);
    }
  });

  for (const command of ["backup", "restore", "rebuild", "upgrade"] as const) {
    testInFull(`${command}: the home cannot be written to`, async () => {
      execFileSync("mount", ["--bind", home.root, home.root]);
      execFileSync("mount", ["-o", "remount,ro,bind", home.root]);
      const ended = await run(commands[command]).finally(() => execFileSync("umount", [home.root]));
      expect(ended).toMatchObject({ code: 1, stderr: expect.stringContaining("cannot be written to") });
      await expectEnded(`${command}: read-only home`, ended, commands[command]);
    });
  }

  testInFull("restore: a file that was interrupted", async () => {
    const cut = join(folder, "cut.tar");
    execFileSync("cp", [file, cut]);
    truncateSync(cut, 20_000);
    const ended = await run(["restore", "--from", cut, "--yes"]);
    expect(ended.code).toBe(1);
    await expectEnded("restore: cut file", ended, commands.restore);
  });

  testInFull("rebuild: another one at once", async () => {
    const first = host.start(commands.rebuild);
    await until(() => lockedBy(home.lock) === first.pid, "the first one's lock");
    signalTree(first.pid, "SIGSTOP");
    const second = await run(commands.rebuild);
    expect(second.stderr).toContain(`pid ${first.pid}`);
    signalTree(first.pid, "SIGCONT");
    expect(await first.outcome).toMatchObject({ code: 0 });
    await expectEnded("rebuild: two at once", second, commands.rebuild);
  });

  for (const days of [1, -1]) {
    testInFull(`restore: a clock ${days > 0 ? "a day ahead" : "a day behind"}`, async () => {
      const shift = join(host.folder, "shift.js");
      writeFileSync(
        shift,
        `delete process.env.NODE_OPTIONS; const now = Date.now; Date.now = () => now() + ${days * 86_400_000};
const Real = Date; globalThis.Date = class extends Real { constructor(...a) { a.length ? super(...a) : super(Real.now()); } };\n`,
      );
      const ended = await host.run(commands.restore, { NODE_OPTIONS: `--require ${shift}` });
      expect(ended.code).toBe(0);
      await expectEnded(
        `restore: a clock ${days > 0 ? "a day ahead" : "a day behind"}`,
        ended,
        commands.restore,
      );
    });
  }
});

function withoutIds(moment: string): string {
  return moment.replace(/[0-9a-f]{64}/g, "<id>");
}

function print(rows: readonly Row[]): void {
  const width = Math.max(0, ...rows.map(({ fault }) => fault.length));
  const lines = rows.map(
    ({ fault, ended, lost }) => `| ${fault.padEnd(width)} | ${ended.padEnd(7)} | ${lost} |`,
  );
  const lost = rows.filter((row) => row.lost > 0).length;
  process.stderr.write(
    `\n${rows.length} faults while Vault was backed up or put back: ${rows.length} ended by the next run, ${lost} with a secret lost
| ${"fault".padEnd(width)} | the run | secrets lost |
${lines.join("\n")}\n`,
  );
}
