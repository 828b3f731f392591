import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { labFolder } from "../support/lab-base";
import { makeParts, thisNetwork } from "./parts";
import { verdictOf } from "./results";
import { rows } from "./rows";
import type { Site } from "./site";
import { tryRow } from "./try-row";

/** Lives through one row; a process of its own, as a host is waited for without anything else. */
export async function main(name: string): Promise<void> {
  const row = rows.find((each) => each.name === name);
  if (!row) throw new Error(`no row is called ${name}`);
  const say = (line: string) => console.log(line.replace(/^/gm, `${name}: `));
  const folder = mkdtempSync(join(labFolder(), "run-"));
  let site: Site | undefined;
  let isInterrupted = false;
  // What waits for something in a host that is gone would wait in vain.
  const interrupt = async () => {
    isInterrupted = true;
    await site?.host.kill();
    rmSync(folder, { recursive: true, force: true });
    process.exit(130);
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const began = Date.now();
  try {
    say(row.because);
    const parts = await makeParts(thisNetwork);
    const seen = await tryRow(row, parts, join(folder, name), {
      say,
      made: (made) => {
        site = made;
      },
      isInterrupted: () => isInterrupted,
    });
    const verdict = verdictOf(seen);
    if (verdict !== "passed") process.exitCode = 1;
    say(`${verdict} after ${((Date.now() - began) / 60_000).toFixed(1)} minutes`);
  } catch (error) {
    say(`FAILED: its host was not made: ${(error as Error).message}`);
    process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
