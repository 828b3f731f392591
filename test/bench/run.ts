import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestEngine } from "../engine";
import { obtainParts } from "../parts";
import { timeChecks } from "./check";
import { timeDeploys } from "./deploys";
import { timeDrift } from "./drift";
import { BenchHost } from "./host";
import { Timings } from "./timings";

/** Times deploys and checks side by side in one run, and prints medians and ratios. */
export async function main(): Promise<void> {
  const lacking = await obtainParts();
  if (lacking) throw new Error(lacking);
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
    const timings = new Timings();
    await timeDeploys(host, timings);
    await timeChecks(host, timings);
    await timeDrift(host, timings);

    console.log("\nMedians in seconds, least and most in brackets\n");
    timings.print();
    console.log("");
    timings.printRatio("first up", "terraform apply, both", 1.5);
    timings.printRatio("second up", "terraform plan, both", 2);
    timings.printRatio("second up", "cdktf deploy, nothing to do", 0.4);
    timings.printRatio("drift", "terraform plan, stack openrouter", 1.5);
    timings.printRatio("drift --all, ten instances", "drift, one of ten", 4);
    timings.printGoal("synth", 0.2);
    timings.printGoal("check, HTTP only, 50 ms an answer", 0.6);
  } finally {
    await stop();
  }
}
