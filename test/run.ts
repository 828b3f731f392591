import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { availableParallelism, tmpdir } from "node:os";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { z } from "zod";
import { startTestEngine, type TestEngine } from "./support/engine";
import { installOpenClaw, isOpenClawThere, openClawFolder } from "./support/openclaw-client";
import { installParts } from "./support/parts";
import { installPostgres, postgresFolder } from "./support/postgres";

/** End-to-end tests wait half of their time, for Vault above all: one more at once than there are processors. */
const lanes = Math.min(4, availableParallelism() + 1);

const jestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

const total = { passed: 0, failed: 0, skipped: 0 };
const engines = new Set<TestEngine>();
const children = new Set<ReturnType<typeof spawn>>();
let folder = "";
let runs = 0;

/**
 * Runs everything: linter, compiler, unit tests, and the end-to-end tests, several files at a time, each lane on an engine of
 * its own in a network namespace of its own. `--full` adds the whole tables, `--unit` leaves the end-to-end tests out, all else
 * are jest's patterns.
 */
export async function main(argv: string[]): Promise<void> {
  const full = argv.includes("--full");
  const unitOnly = argv.includes("--unit");
  const patterns = argv.filter((argument) => !["--full", "--unit"].includes(argument));
  folder = mkdtempSync(join(tmpdir(), "openclaw-openrouter-test-"));
  process.on("SIGINT", interrupted).on("SIGTERM", interrupted);
  try {
    if (patterns.length === 0) {
      count("linter", await run(["npx", "biome", "check", "--error-on-warnings", "."]));
      count("compiler", await run(["npx", "tsc", "--noEmit"]));
    }
    await jest(["--selectProjects", "unit", "--maxWorkers=100%", ...patterns]);
    const files = unitOnly ? [] : endToEndTests(patterns, full);
    if (files.length > 0 && (await partsAreThere()))
      await runLanes(files, {
        ...(full ? { TEST_FULL: "1" } : {}),
        ...(await realOpenClaw(full)),
        ...(await realPostgres(files)),
      });
  } finally {
    await cleanUp().catch((error: Error) => {
      console.log(`FAIL clean-up: ${error.message}`);
      total.failed += 1;
    });
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** Those that take longest are begun first, so that no lane is left with one of them at the end. */
const slow = [
  "circumstances",
  "rotate",
  "drift-table",
  "drift",
  "external-vault",
  "killed",
  "openclaw",
  "package",
];

/**
 * The files of the end-to-end tests whose path has one of the patterns, in the order in which they are begun. Those of a name
 * that ends in `.full` belong to the full run.
 */
function endToEndTests(patterns: readonly string[], full: boolean): string[] {
  return [join("test", "e2e"), join("test", "attacks")]
    .filter((folder) => existsSync(folder))
    .flatMap((folder) => readdirSync(folder).map((name) => join(folder, name)))
    .filter((path) => path.endsWith(".test.ts") && (full || !path.endsWith(".full.test.ts")))
    .filter((path) => patterns.length === 0 || patterns.some((pattern) => new RegExp(pattern).test(path)))
    .sort((a, b) => rank(a) - rank(b));
}

function rank(path: string): number {
  const place = slow.indexOf(basename(path, ".test.ts"));
  return place === -1 ? slow.length : place;
}

/** Without the real parts the end-to-end tests are skipped, by name; where nobody looks at what was skipped, that is a failure. */
async function partsAreThere(): Promise<boolean> {
  const missing = await installParts();
  if (!missing) return true;
  console.log(`SKIPPED: all end-to-end tests: ${missing}`);
  if (process.env.CI) total.failed += 1;
  else total.skipped += 1;
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
  if (full && process.env.CI) total.failed += 1;
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

/** @param files are taken from by each lane until none is left */
async function runLanes(files: string[], environment: Record<string, string>): Promise<void> {
  const lane = async (number: number) => {
    const engine = await startTestEngine(join(folder, `lane-${number}`), `oo-test-${process.pid}-${number}`);
    engines.add(engine);
    for (let file = files.shift(); file; file = files.shift()) {
      await jest(["--selectProjects", "e2e", "--runInBand", "--runTestsByPath", file], {
        within: engine.namespace,
        environment: { ...engine.environment, ...environment },
        quietUntilEnd: true,
      });
    }
  };
  const ended = await Promise.allSettled(
    Array.from({ length: Math.min(lanes, files.length) }, (_, index) => lane(index + 1)),
  );
  for (const result of ended) if (result.status === "rejected") throw result.reason;
}

interface RunOptions {
  /** The command line before jest's: the namespace it runs in. */
  readonly within?: readonly string[];
  readonly environment?: Record<string, string>;
  /** Whether what it says is printed when it ended, whole, since another one runs beside it. */
  readonly quietUntilEnd?: boolean;
}

/** @param options jest's own, and its patterns */
async function jest(options: readonly string[], { within = [], ...how }: RunOptions = {}): Promise<void> {
  const output = join(folder, `jest-${++runs}.json`);
  // Not by npx, which would not hand on that the run is to end.
  const program = [process.execPath, join("node_modules", "jest", "bin", "jest.js")];
  const command = [...program, "--passWithNoTests", "--json", `--outputFile=${output}`, ...options];
  // jest prints its JSON on standard output as well, where `--outputFile` names a file too.
  await run([...within, ...command], { ...how, stdout: "ignore" });
  let result: z.output<typeof jestResult>;
  try {
    result = jestResult.parse(JSON.parse(readFileSync(output, "utf8")));
  } catch {
    total.failed += 1;
    return;
  }
  total.passed += result.numPassedTests;
  total.failed += result.numFailedTests + result.numRuntimeErrorTestSuites;
  total.skipped += result.numPendingTests + result.numTodoTests;
}

function count(name: string, code: number): void {
  console.log(`${code === 0 ? "PASS" : "FAIL"} ${name}`);
  if (code === 0) total.passed += 1;
  else total.failed += 1;
}

/** @returns the exit code */
async function run(
  [command = "", ...args]: readonly string[],
  {
    environment,
    quietUntilEnd,
    stdout = "inherit",
  }: RunOptions & { readonly stdout?: "inherit" | "ignore" } = {},
): Promise<number> {
  const child = spawn(command, args, {
    stdio: ["ignore", stdout, quietUntilEnd ? "pipe" : "inherit"],
    env: { ...process.env, ...environment },
  });
  children.add(child);
  const ended = new Promise<number>((resolve) => {
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
  if (child.stderr) process.stderr.write(await text(child.stderr));
  const code = await ended;
  children.delete(child);
  return code;
}

/** Also called twice: at an interruption, and at the end that follows from it. */
async function cleanUp(): Promise<void> {
  const running = [...engines];
  engines.clear();
  await Promise.all(running.map((engine) => engine.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function interrupted(): Promise<void> {
  for (const child of children) child.kill("SIGTERM");
  await cleanUp();
  process.exit(130);
}
