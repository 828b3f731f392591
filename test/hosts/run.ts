import { availableParallelism } from "node:os";
import { join } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { packageRoot } from "../../lib/core/system/package-root";
import { labBase } from "../support/lab-base";
import { installLabHost } from "../support/lab-host";
import { endPrograms, runProgram } from "../support/runner/processes";
import { identityOfCode, thisNetwork } from "./parts";
import { readResults, secondsOf, verdictOf } from "./results";
import { rows } from "./rows";
import { writeTable } from "./write-table";

const usage = `npm run test:hosts [-- [--list] [--again] [row …]]

Rows: ${rows.map(({ name }) => name).join(", ")}; all of them where none is named.
Each is a whole host, made for it; two run beside each other where there are two processors. A row that passed with this very
program is not run again: so an interrupted run goes on.
--list   print what the last runs of each row saw
--again  run them also if they passed with this program`;

/** More would wait for each other: a host's engine, Vault and Terraform keep a processor busy. */
const atOnce = Math.min(2, availableParallelism());

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
  const missing = await installLabHost();
  if (missing) {
    console.log(`SKIPPED: the table of hosts: ${missing}`);
    console.log(`0 passed, 0 failed, ${rows.length} skipped`);
    return;
  }
  const names = rows.map(({ name }) => name);
  const named = names.filter((name) => positionals.length === 0 || positionals.includes(name));
  const identity = identityOfCode(packageRoot());
  const known = readResults();
  const isDone = (name: string) =>
    !values.again && known[name]?.program === identity && verdictOf(known[name]) === "passed";
  for (const name of named.filter(isDone)) console.log(`passed before with this program: ${name}`);
  const longestFirst = (one: string, other: string) => secondsOf(known[other]) - secondsOf(known[one]);
  const left = named.filter((name) => !isDone(name)).sort(longestFirst);
  // Before two rows look for the same one.
  for (const row of rows.filter(({ name }) => left.includes(name))) labBase(row, thisNetwork);
  const failed = await runRows(left);
  writeTable(readResults());
  console.log(
    `\n${named.length - failed.length} passed, ${failed.length} failed, ${rows.length - named.length} skipped`,
  );
  if (failed.length > 0) process.exitCode ??= 1;
}

/** @returns those that did not pass, or were not run as the run was interrupted */
async function runRows(left: string[]): Promise<string[]> {
  const failed: string[] = [];
  let isInterrupted = false;
  const interrupt = () => {
    isInterrupted = true;
    endPrograms();
  };
  process.on("SIGINT", interrupt).on("SIGTERM", interrupt);
  const program = pathToFileURL(join(packageRoot(), "dist/hosts-row.cjs")).href;
  const runNext = async () => {
    while (left.length > 0 && !isInterrupted) {
      const name = left.shift() ?? "";
      const script = `await (await import(${JSON.stringify(program)})).main(${JSON.stringify(name)})`;
      const code = await runProgram([process.execPath, "--input-type=module", "--eval", script]);
      if (code !== 0) failed.push(name);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, runNext));
  if (isInterrupted) process.exitCode = 130;
  return [...failed, ...left];
}

function list(): void {
  const known = readResults();
  for (const { name, because } of rows) {
    const seen = known[name];
    console.log(
      `${name}: ${because}\n  ${seen ? `${verdictOf(seen)}, ${seen.day}, ${seen.host}` : "not run yet"}`,
    );
  }
}
