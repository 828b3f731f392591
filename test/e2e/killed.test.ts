import { existsSync } from "node:fs";
import { z } from "zod";
import { sha256 } from "../../lib/core/fingerprint";
import { managementClient } from "../../lib/openrouter/management";
import { readShares } from "../../lib/vault/shares/shares-file";
import { DeployedHost, deployedKey } from "./support/deployed";
import { isFull, triedOf } from "./support/full";
import type { RunOutcome } from "./support/host";
import { Killer, type KillTime } from "./support/killer";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** After how many moments it is seen that Terraform has nothing more to do, and that no key was left over by any of them. */
const settleEach = 4;

/** A run that is killed, and the one after it. */
interface Case {
  readonly args: readonly string[];
  /** Whether it is given a new key on standard input. */
  readonly given?: true;
  readonly management?: true;
  /** Puts something in its way, so that it has something to do. */
  readonly disturb?: () => Promise<void>;
  /** The run that is to end what was interrupted. @default `up` */
  readonly next?: readonly string[];
  /** What must hold at the end, beyond what must hold after each. */
  readonly expectEnded?: () => Promise<void>;
  /** From where on every moment is tried: what is before is another case's. @default from the first */
  readonly from?: RegExp;
  /** The moments that are tried where not all are. */
  readonly sample: readonly RegExp[];
}

interface Row {
  readonly moment: string;
  /** Whether the key that the reader read right after the kill was taken by OpenRouter. */
  readonly worked: boolean;
  /** How it stood after the next run. */
  readonly ended: "finished" | "undone" | "same";
}

/** SIGKILL at every moment at which rotate, recover and budget changed anything. */
describe(`killed half-way (${isFull ? "every moment" : "a sample"})`, () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const killer = new Killer(host.folder);
  const management = newKey();
  /** Keys that a person made, and those that were ever active: by SHA-256. */
  const given = new Set<string>();
  const active = new Set<string>();
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    given.add(sha256(deployedKey));
    openrouter = await host.restore();
    await openrouter.control.putKey({ key: management, management: true });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const cases: Record<string, Case> = {
    "rotate to a given key": {
      args: ["key", "rotate", "--key-stdin", "--grace", "0"],
      given: true,
      sample: [/complete of vault_kv_secret_v2/],
    },
    "rotate to a key that is made": {
      args: ["key", "rotate", "--grace", "0"],
      management: true,
      sample: [],
    },
    recover: {
      args: ["vault", "renew-identities"],
      sample: [],
    },
    budget: {
      args: ["key", "limit"],
      management: true,
      disturb: async () => openrouter.control.putKey({ key: vault.key(), limit: null, limitReset: null }),
      next: ["key", "limit"],
      expectEnded: expectLimit,
      sample: [],
    },
    "budget --new-key": {
      args: ["key", "limit", "--new-key", "--grace", "0"],
      management: true,
      disturb: async () => openrouter.control.putKey({ key: vault.key(), limit: null, limitReset: null }),
      next: ["key", "limit"],
      expectEnded: expectLimit,
      // Until then it is a rotation.
      from: /^rotation.json removed$/,
      sample: [],
    },
  };

  const triedCases = triedOf(
    Object.entries(cases),
    ([, { sample }]) => sample.length > 0,
    ([name]) => `${name}: the next run finishes or undoes it, and nothing is lost`,
  );
  test.each(triedCases)(
    "%s: the next run finishes or undoes it, and nothing is lost",
    async (title, each) => {
      const moments = await momentsOf(each);
      const tried = isFull ? allOf(moments, each.from) : sampleOf(moments, each.sample);
      const rows: Row[] = [];
      for (const [nth, index] of tried.entries())
        rows.push(
          await tryMoment(
            each,
            index + 1,
            moments[index] ?? "",
            (nth + 1) % settleEach === 0 || nth === tried.length - 1,
          ),
        );
      print(title, rows, moments.length);
      expect(rows.filter(({ worked }) => !worked)).toEqual([]);
    },
    3_600_000,
  );

  /** Runs to their end, of which the last tells the moments that there are: the first one writes key.json once more. */
  async function momentsOf(each: Case): Promise<string[]> {
    for (const _ of [1, 2]) expect(await runCase(each)).toMatchObject({ code: 0 });
    return killer.moments();
  }

  async function runCase(each: Case, time?: KillTime): Promise<RunOutcome> {
    const key = each.given ? newKey() : "";
    if (key) {
      given.add(sha256(key));
      await openrouter.control.putKey({ key, limit: 30, limitReset: "monthly" });
    }
    active.add(sha256(vault.key()));
    await each.disturb?.();
    return host.run(
      each.args,
      {
        ...killer.environment(time),
        ...(each.management ? { OPENROUTER_MANAGEMENT_KEY: management } : {}),
      },
      key,
    );
  }

  async function tryMoment(each: Case, at: number, label: string, isLast: boolean): Promise<Row> {
    const before = vault.key();
    const shares = readShares(home.shares)?.shares;
    const killed = await runCase(each, { at });
    expect({ label, code: killed.code, stderr: killed.code === null ? "" : killed.stderr }).toEqual({
      label,
      code: null,
      stderr: "",
    });
    const worked = await isTaken(vault.key());

    const next = await host.run([...(each.next ?? ["up"]), "--json"], {
      ...(each.next ? { OPENROUTER_MANAGEMENT_KEY: management } : {}),
    });
    expect({ label, code: next.code, stderr: next.code === 0 ? "" : next.stderr }).toEqual({
      label,
      code: 0,
      stderr: "",
    });
    const after = vault.key();
    expect({ label, taken: await isTaken(after) }).toEqual({ label, taken: true });
    expect(readShares(home.shares)).toEqual(expect.objectContaining({ shares }));
    await each.expectEnded?.();
    await expectSettled(label, isLast);
    const moved = after !== before;
    const isFinished = each.args[1] === "rotate" || each.args.includes("--new-key");
    return { moment: label, worked, ended: moved ? "finished" : isFinished ? "undone" : "same" };
  }

  /** Nothing is under way any more, and nothing of it is left anywhere. */
  async function expectSettled(label: string, isLast: boolean): Promise<void> {
    expect({ label, rotation: existsSync(home.rotation), root: existsSync(home.rootToken) }).toEqual({
      label,
      rotation: false,
      root: false,
    });
    expect(readShares(home.shares)).not.toHaveProperty("rootToken");
    expect(await vault.tokenPolicies()).not.toContainEqual(expect.arrayContaining(["root"]));
    for (const identity of ["deployer", "reader", "auditor"] as const) await vault.as(identity);
    await expectVersionsKept();
    if (isLast) await expectNothingLeft(label);
  }

  async function expectNothingLeft(label: string): Promise<void> {
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect({ label, changed: JSON.parse(stdout).changed }).toEqual({ label, changed: false });
    // Ends what is left to do at OpenRouter, and rotates nothing.
    await host.mustRun(["key", "rotate", "--if-older-than", "9999d"], {
      OPENROUTER_MANAGEMENT_KEY: management,
    });
    const keys = await managementClient({
      baseUrl: openrouter.baseUrl,
      key: management,
      timeoutSeconds: 10,
    }).list();
    const current = sha256(vault.key());
    const others = keys.filter(({ hash }) => hash !== current);
    const orphans = others.filter(({ hash }) => !given.has(hash)).map(({ name }) => name);
    const alive = others
      .filter(({ hash, disabled }) => active.has(hash) && !disabled)
      .map((key) => key.label);
    expect({ label, orphans, alive }).toEqual({ label, orphans: [], alive: [] });
  }

  async function expectVersionsKept(): Promise<void> {
    const auditor = await vault.as("auditor");
    const version = z.object({ deletion_time: z.literal(""), destroyed: z.literal(false) });
    const shape = z.object({ data: z.object({ versions: z.record(z.string(), version) }) });
    await auditor.call({ path: "secret/metadata/openrouter" }, shape);
  }

  async function isTaken(key: string): Promise<boolean> {
    const answer = await fetch(`${openrouter.baseUrl}/auth/key`, {
      headers: { authorization: `Bearer ${key}` },
    });
    return answer.ok;
  }

  async function expectLimit(): Promise<void> {
    const answer = await fetch(`${openrouter.baseUrl}/auth/key`, {
      headers: { authorization: `Bearer ${vault.key()}` },
    });
    expect(await answer.json()).toMatchObject({ data: { limit: 34.5, limit_reset: "monthly" } });
  }
});

function allOf(moments: readonly string[], from: RegExp | undefined): number[] {
  const first = from ? moments.findIndex((moment) => from.test(moment)) : 0;
  return moments.map((_, index) => index).slice(first);
}

/** The first moment that each pattern names. */
function sampleOf(moments: readonly string[], patterns: readonly RegExp[]): number[] {
  return patterns.map((pattern) => {
    const index = moments.findIndex((moment) => pattern.test(moment));
    if (index < 0) throw new Error(`no moment ${pattern} among:\n${moments.join("\n")}`);
    return index;
  });
}

function print(title: string, rows: readonly Row[], all: number): void {
  const lines = rows.map(
    ({ moment, worked, ended }) =>
      `| ${moment.padEnd(72)} | ${worked ? "yes" : "NO "} | ${ended.padEnd(8)} |`,
  );
  process.stderr.write(
    `\n${title}, killed at ${rows.length} of ${all} moments: ${rows.filter(({ worked }) => !worked).length} without a working key
| ${"killed right after".padEnd(72)} | key | next run |
${lines.join("\n")}\n`,
  );
}
