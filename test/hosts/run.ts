import { mkdtempSync, rmSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { packageRoot } from "../../lib/core/system/package-root";
import { labFolder } from "../support/lab-base";
import { labHostMissing } from "../support/lab-host";
import { identityOfCode, makeParts } from "./parts";
import { type Results, type RowResult, readResults } from "./results";
import { rows } from "./rows";
import type { Site } from "./site";
import { steps } from "./steps";
import { tryRow } from "./try-row";

const usage = `npm run test:hosts [-- [--list] [--again] [row …]]

Rows: ${rows.map(({ name }) => name).join(", ")}; all of them where none is named.
Each is a whole host, made for it. A row that passed with this very program is not run again: so an interrupted run goes on.
--list   print what the last runs of each row saw
--again  run them also if they passed with this program`;

/** Runs the table of hosts, and writes what was seen into docs/compatibility.md. */
export async function main(argv: string[]): Promise<void> {
  const { values, positionals } = parseArgs({
    args: argv,
    allowPositionals: true,
    options: { list: { type: "boolean" }, again: { type: "boolean" }, help: { type: "boolean", short: "h" } },
  });
  const unknown = positionals.some((name) => !rows.some((row) => row.name === name));
  if (values.help || unknown) {
    process.stderr.write(`${usage}\n`);
    process.exitCode = values.help ? 0 : 64;
    return;
  }
  if (values.list) return list();
  const missing = labHostMissing();
  if (missing) {
    console.log(`SKIPPED: the table of hosts: ${missing}`);
    console.log(`0 passed, 0 failed, ${rows.length} skipped`);
    return;
  }
  const named = rows.filter(({ name }) => positionals.length === 0 || positionals.includes(name));
  const identity = identityOfCode(packageRoot());
  const known = readResults();
  const isDone = ({ name }: { name: string }) =>
    !values.again && known[name]?.program === identity && verdictOf(known[name]) === "passed";
  for (const { name } of named.filter(isDone)) console.log(`passed before with this program: ${name}`);
  await runRows(named.filter((row) => !isDone(row)));
  finish(named.map(({ name }) => name));
}

async function runRows(left: readonly (typeof rows)[number][]): Promise<void> {
  if (left.length === 0) return;
  const folder = mkdtempSync(join(labFolder(), "run-"));
  let site: Site | undefined;
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    void site?.host.kill();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  try {
    const parts = await makeParts(["--target", String(process.pid), "--net"]);
    for (const [index, row] of left.entries()) {
      if (isInterrupted) break;
      console.log(`\n${row.name} (${index + 1} of ${left.length}): ${row.because}`);
      const began = Date.now();
      const options = {
        say: console.log,
        made: (made: Site | undefined) => (site = made),
        isInterrupted: () => isInterrupted,
      };
      const made = await tryRow(row, parts, join(folder, row.name), options).catch((error: Error) => {
        console.log(`  FAILED      its host was not made: ${error.message}`);
        return undefined;
      });
      const minutes = ((Date.now() - began) / 60_000).toFixed(1);
      console.log(`  ${made ? verdictOf(made) : "failed"} after ${minutes} minutes`);
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  if (isInterrupted) process.exitCode = 130;
}

function verdictOf({ steps: seen }: RowResult): "passed" | "failed" | "not whole" {
  if (Object.values(seen).some(({ status }) => status === "failed")) return "failed";
  return steps.every(({ id }) => seen[id]) ? "passed" : "not whole";
}

function list(results: Results = readResults()): void {
  for (const { name, because } of rows) {
    const seen = results[name];
    console.log(
      `${name}: ${because}\n  ${seen ? `${verdictOf(seen)}, ${seen.day}, ${seen.host}` : "not run yet"}`,
    );
  }
}

/** Counts by row; what no row of this run tried is skipped by name. */
function finish(names: readonly string[]): void {
  const results = readResults();
  const verdicts = names.map((name) => (results[name] ? verdictOf(results[name]) : "failed"));
  const passed = verdicts.filter((verdict) => verdict === "passed").length;
  const skipped = rows.length - names.length;
  console.log(`\n${passed} passed, ${names.length - passed} failed, ${skipped} skipped`);
  if (passed < names.length && process.exitCode === undefined) process.exitCode = 1;
}
