import { mkdtempSync, rmSync } from "node:fs";
import { availableParallelism, loadavg, tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { startTestEngine } from "../support/engine";
import { installParts } from "../support/parts";
import { checkNames, timeChecks } from "./check";
import { timeDeploys } from "./deploys";
import { fleetNames, fleetSizes, timeFleet } from "./fleet";
import { timeGrowth } from "./growth";
import { BenchHost } from "./host";
import type { Measure } from "./measure";
import { Timings } from "./timings";
import { ansibleWay } from "./ways/ansible";
import { cdktfWay } from "./ways/cdktf";
import { ownWay } from "./ways/own";
import { scriptWay } from "./ways/script";
import { planName, terraformWay } from "./ways/terraform";
import { timedName, type Way } from "./ways/way";
import { writeFigures } from "./write";

/** The ways to deploy, which are timed side by side, by the names that the command line has for them. */
const ways: Readonly<Record<string, (measure: Measure) => Promise<Way | string>>> = {
  up: async ({ host }) => ownWay(host),
  terraform: ({ host, timings }) => terraformWay(host, timings),
  cdktf: ({ host }) => cdktfWay(host),
  script: async ({ host }) => scriptWay(host),
  ansible: ({ host }) => ansibleWay(host),
};

/** What is measured beside them. */
const others: Readonly<Record<string, (measure: Measure) => Promise<void>>> = {
  check: timeChecks,
  growth: timeGrowth,
  fleet: timeFleet,
};

const usage = `npm run bench [-- [--rounds N] [--write] [part …]]

Parts: ${[...Object.keys(ways), ...Object.keys(others)].join(", ")}; all of them where none is named.
--rounds N  how often each thing is timed (5)
--write     write the figures of a whole run into docs/benchmarks.md and docs/figures.svg`;

/** Times this program and what does the same, side by side in one run. */
export async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: {
      rounds: { type: "string", default: "5" },
      write: { type: "boolean", default: false },
      help: { type: "boolean", short: "h", default: false },
    },
  });
  const rounds = Number(values.rounds);
  const unknown = positionals.some((part) => !(part in ways) && !(part in others));
  if (values.help || unknown || !(rounds >= 1)) return wrongUsage(values.help);
  // What the page shows is a whole run's.
  if (values.write && (positionals.length > 0 || rounds < 5)) return wrongUsage(false);

  const missing = await installParts();
  if (missing) throw new Error(missing);
  const [load = 0] = loadavg();
  if (load > availableParallelism() / 2)
    console.log(`This machine is not quiet (load ${load.toFixed(1)}): what is timed now is too long.`);
  const started = performance.now();
  const folder = mkdtempSync(join(tmpdir(), "openclaw-openrouter-bench-"));
  const engine = await startTestEngine(folder, `oo-bench-${process.pid}`);
  const stop = async () => {
    await engine.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  for (const name of ["SIGINT", "SIGTERM"] as const)
    process.on(name, () => stop().then(() => process.exit(130)));
  try {
    const host = new BenchHost(engine, folder);
    const measure = { host, timings: new Timings(), rounds };
    await host.learn();
    const isWanted = (part: string) => positionals.length === 0 || positionals.includes(part);
    const { skipped, failed } = await timeAll(measure, isWanted);
    printAll(measure.timings);
    console.log(`\n${((performance.now() - started) / 60_000).toFixed(1)} minutes in all.`);
    if (failed) process.exitCode = 1;
    else if (values.write) await writeFigures(measure, skipped);
  } finally {
    await stop();
  }
}

/**
 * A part that fails is told, and takes nothing of the others away.
 * @returns what was left out, and why
 */
async function timeAll(
  measure: Measure,
  isWanted: (part: string) => boolean,
): Promise<{ skipped: string[]; failed: boolean }> {
  const found: Way[] = [];
  const skipped: string[] = [];
  let failed = false;
  const attempt = async (part: string, work: () => Promise<void>) => {
    try {
      await work();
    } catch (error) {
      failed = true;
      console.log(`FAILED: ${part}: ${(error as Error).message}`);
    }
  };
  for (const [part, find] of Object.entries(ways)) {
    if (!isWanted(part)) continue;
    await attempt(part, async () => {
      const way = await find(measure);
      if (typeof way !== "string") found.push(way);
      else {
        console.log(`SKIPPED: ${part}: ${way}`);
        skipped.push(`${part}: ${way}`);
      }
    });
  }
  await attempt("deploys", () => timeDeploys(measure, found));
  for (const [part, time] of Object.entries(others))
    if (isWanted(part)) await attempt(part, () => time(measure));
  return { skipped, failed };
}

function printAll(timings: Timings): void {
  timings.print();
  const own = { name: "this program" };
  const terraform = { name: "terraform alone" };
  timings.printRatio(timedName(own, "first deploy"), timedName(terraform, "first deploy"), 1.5);
  timings.printRatio(timedName(own, "nothing to do"), timedName(terraform, "drift"), 2);
  timings.printRatio(
    timedName(own, "nothing to do"),
    timedName({ name: "cdktf deploy" }, "nothing to do"),
    0.4,
  );
  timings.printRatio(timedName(own, "drift"), planName("openrouter"), 1.5);
  const most = Math.max(...fleetSizes);
  timings.printRatio(fleetNames.all(most), fleetNames.one(most), 4);
  timings.printGoal(timedName(own, "first deploy"), 8);
  timings.printGoal(timedName(own, "nothing to do"), 1.5);
  timings.printGoal(timedName(own, "synth"), 0.2);
  timings.printGoal(checkNames.http, 0.6);
}

function wrongUsage(asked: boolean): void {
  console.log(usage);
  if (!asked) process.exitCode = 64;
}
