import { existsSync, mkdtempSync, readdirSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { ansibleFolder, installAnsible } from "./support/ansible";
import { installLabHost } from "./support/lab-host";
import { installOpenClaw, isOpenClawThere, openClawFolder } from "./support/openclaw-client";
import { installParts } from "./support/parts";
import { installPostgres, postgresFolder } from "./support/postgres";
import { parseArguments, type RunArguments } from "./support/runner/arguments";
import { allTestFiles, selectFiles, type TestFiles } from "./support/runner/files";
import { reporter, runLanes, stopEngines } from "./support/runner/lanes";
import { removeLeft } from "./support/runner/leftovers";
import { endPrograms, jestProgram, runProgram } from "./support/runner/processes";
import { type FileResult, readResults, summary } from "./support/runner/results";
import { readTimes, recordTimes } from "./support/runner/times";
import { installSshServer, sshServer } from "./support/ssh";

/** End-to-end tests wait half of their time, for Vault above all: one more at once than there are processors. */
const lanes = Math.min(4, availableParallelism() + 1);

/** The linter's and the compiler's, and what kept test files from being run. */
const results: FileResult[] = [];
let folder = "";
let failures = "";

/**
 * Runs linter, compiler and unit tests, and then the end-to-end tests in lanes. Not all at once: on a busy machine each would keep
 * the others waiting until something gives up.
 * `--full` adds the whole tables, `--unit` leaves the end-to-end tests out, `--changed` takes the files whose imports reach a
 * change since main, `--record-times` writes how long each end-to-end file took; all else are regular expressions over paths.
 */
export async function main(argv: string[]): Promise<void> {
  let given: RunArguments;
  let files: TestFiles;
  try {
    given = parseArguments(argv);
    files = selectFiles(given, readTimes(given.full));
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\n`);
    process.exitCode = 64;
    return;
  }
  folder = mkdtempSync(join(tmpdir(), "openclaw-openrouter-test-"));
  failures = mkdtempSync(join(tmpdir(), "openclaw-openrouter-failed-"));
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  const ended = join(folder, "results");
  const environment = {
    TEST_RESULTS: ended,
    TEST_FAILURES: failures,
    ...(given.full ? { TEST_FULL: "1" } : {}),
  };
  try {
    const planned = [
      ...(await runQuickTests(files.unit, given, environment)),
      ...(await runEndToEndTests(files.endToEnd, given, environment)),
    ];
    const run = readResults(ended);
    const missing = planned.filter((path) => !run.some((result) => result.path === path));
    for (const path of missing) note(`${path}: the process that ran it ended without a result`, 1);
    results.push(...run);
    if (given.recordTimes) recordTimes(given.full, run, allTestFiles());
  } finally {
    await cleanUp().catch((error: Error) => note(`clean-up: ${error.message}`, 1));
  }
  console.log(`\n${summary(results)}`);
  if (removeIfEmpty(failures)) console.log(`Outputs and logs of what failed: ${failures}`);
  process.exitCode = results.some(({ failed }) => failed > 0) ? 1 : 0;
}

/**
 * The linter and the compiler judge the whole project: a selection of files leaves them out.
 * @returns the files that were to be run
 */
async function runQuickTests(
  unit: readonly string[],
  { patterns }: RunArguments,
  environment: Record<string, string>,
): Promise<readonly string[]> {
  if (patterns.length === 0) {
    const linter = ["biome", "check", "--error-on-warnings", "."];
    // What the compiler found in files that did not change since, it need not find again.
    const compiler = ["tsc", "--noEmit", "--incremental", "--tsBuildInfoFile", join("dist", ".types")];
    for (const [what, [name = "", ...args]] of Object.entries({ linter, compiler })) {
      const command = [join("node_modules", ".bin", name), ...args];
      note(what, await runProgram(command, { onlyFailures: true }));
    }
  }
  if (unit.length === 0) return [];
  // On a busy machine a test that starts a program takes many times as long as on a quiet one.
  const options = [
    "--selectProjects",
    "unit",
    "--maxWorkers=100%",
    // Some 250 files in one process fill its heap, and the last ones wait for the collector: a full worker is replaced.
    "--workerIdleMemoryLimit=1GB",
    "--testTimeout=180000",
    "--verbose=false",
  ];
  const command = [...jestProgram, ...options, "--reporters", reporter, "--runTestsByPath", ...unit];
  await runProgram(command, { environment });
  return unit;
}

/** @returns the files that were to be run */
async function runEndToEndTests(
  files: readonly string[],
  { full }: RunArguments,
  environment: Record<string, string>,
): Promise<readonly string[]> {
  if (files.length === 0 || !(await partsAreThere(files))) return [];
  const parts = {
    ...(await realOpenClaw(full)),
    ...(await realPostgres(files)),
    ...(await realSshServer(files)),
    ...(await realAnsible(files, full)),
  };
  await wholeHosts(files);
  await runLanes(files, { lanes, folder, environment: { ...environment, ...parts } });
  return files;
}

/** Without the real parts the end-to-end tests are skipped, by name; where nobody looks at what was skipped, that is a failure. */
async function partsAreThere(files: readonly string[]): Promise<boolean> {
  const missing = await installParts();
  if (!missing) return true;
  console.log(`SKIPPED: all end-to-end tests: ${missing}`);
  if (process.env.CI) note(`the real parts: ${missing}`, 1);
  for (const path of files)
    results.push({
      path,
      seconds: 0,
      passed: 0,
      failed: 0,
      skipped: [`${path} [skipped: ${missing}]`],
      tests: [],
    });
  return false;
}

/**
 * The real OpenClaw is a gigabyte: `--full` installs it, other runs use it where it is there. Without it the tests that need
 * it are skipped, and counted so.
 */
async function realOpenClaw(full: boolean): Promise<Record<string, string>> {
  const missing = full
    ? await installOpenClaw()
    : isOpenClawThere()
      ? undefined
      : "it is not on this machine; `npm run test:full` installs it, and later runs use it";
  if (!missing) return { TEST_OPENCLAW: openClawFolder() };
  console.log(`SKIPPED: the real OpenClaw: ${missing}`);
  if (full && process.env.CI) note(`the real OpenClaw: ${missing}`, 1);
  return {};
}

/** Which files keep state in PostgreSQL. */
const withPostgres = /state|examples/;

/** Debian's PostgreSQL is installed where a test needs it; without it such tests are skipped, and counted so. */
async function realPostgres(files: readonly string[]): Promise<Record<string, string>> {
  if (!files.some((file) => withPostgres.test(basename(file)))) return {};
  const missing = await installPostgres();
  if (!missing) return { TEST_POSTGRES: postgresFolder() ?? "" };
  console.log(`SKIPPED: state in PostgreSQL: ${missing}`);
  return {};
}

/** Which files reach hosts by ssh. */
const withSsh = /by-ssh|ansible|hosts-many/;

/** Debian's OpenSSH server is installed where a test needs it; without it such tests are skipped, and counted so. */
async function realSshServer(files: readonly string[]): Promise<Record<string, string>> {
  if (!files.some((file) => withSsh.test(basename(file)))) return {};
  const missing = await installSshServer();
  if (!missing) return { TEST_SSHD: sshServer };
  console.log(`SKIPPED: hosts by ssh: ${missing}`);
  return {};
}

/** What makes whole hosts is installed where a test boots one; without it such tests are skipped, and counted so. */
async function wholeHosts(files: readonly string[]): Promise<void> {
  if (!files.some((file) => /whole-host|systemd-host/.test(basename(file)))) return;
  const missing = await installLabHost();
  if (missing) console.log(`SKIPPED: whole hosts: ${missing}`);
}

/** Ansible is of PyPI: `--full` installs it, other runs skip its tests by name. */
async function realAnsible(files: readonly string[], full: boolean): Promise<Record<string, string>> {
  if (!full || !files.some((file) => /ansible/.test(basename(file)))) return {};
  const missing = await installAnsible();
  if (!missing) return { TEST_ANSIBLE: ansibleFolder() };
  console.log(`SKIPPED: hosts by Ansible: ${missing}`);
  return {};
}

function note(path: string, code: number): void {
  const failed = code === 0 ? 0 : 1;
  console.log(`${failed ? "FAIL" : "PASS"} ${path}`);
  results.push({ path, seconds: 0, passed: 1 - failed, failed, skipped: [], tests: [] });
}

/** Also called twice: at an interruption, and at the end that follows from it. */
async function cleanUp(): Promise<void> {
  await stopEngines();
  rmSync(folder, { recursive: true, force: true });
}

/** Also called twice, as {@link cleanUp} is. @returns whether something is in it */
function removeIfEmpty(path: string): boolean {
  if (!existsSync(path)) return false;
  if (readdirSync(path).length > 0) return true;
  rmSync(path, { recursive: true });
  return false;
}

async function interrupted(): Promise<void> {
  endPrograms();
  await stopEngines();
  removeLeft(folder);
  await cleanUp();
  removeIfEmpty(failures);
  process.exit(130);
}
