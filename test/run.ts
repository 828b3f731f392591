import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { z } from "zod";
import { startTestEngine, type TestEngine } from "./engine";
import { obtainParts } from "./parts";

const jestResult = z.object({
  numPassedTests: z.int(),
  numFailedTests: z.int(),
  numPendingTests: z.int(),
  numTodoTests: z.int(),
  numRuntimeErrorTestSuites: z.int(),
});

const total = { passed: 0, failed: 0, skipped: 0 };

/**
 * Runs everything: linter, compiler, unit tests, and the end-to-end tests on an engine of their own in a network namespace
 * of their own. `--full` adds the whole tables, `--unit` leaves the end-to-end tests out, all else goes to jest.
 */
export async function main(argv: string[]): Promise<void> {
  const full = argv.includes("--full");
  const unitOnly = argv.includes("--unit");
  const patterns = argv.filter((argument) => !["--full", "--unit"].includes(argument));
  const folder = mkdtempSync(join(tmpdir(), "openclaw-openrouter-test-"));
  let engine: TestEngine | undefined;
  const stop = async () => {
    await engine?.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  process.on("SIGINT", () => interrupted(stop)).on("SIGTERM", () => interrupted(stop));
  try {
    if (patterns.length === 0) {
      count("linter", await run(["npx", "biome", "check", "--error-on-warnings", "."]));
      count("compiler", await run(["npx", "tsc", "--noEmit"]));
    }
    await jest(["--selectProjects", "unit"], patterns, folder, {});
    if (!unitOnly && (await partsAreThere())) {
      engine = await startTestEngine(folder);
      await jest(["--selectProjects", "e2e", "--runInBand"], patterns, folder, {
        within: engine.namespace,
        environment: { ...engine.environment, ...(full ? { TEST_FULL: "1" } : {}) },
      });
    }
  } finally {
    await stop();
  }
  console.log(`\n${total.passed} passed, ${total.failed} failed, ${total.skipped} skipped`);
  process.exitCode = total.failed > 0 ? 1 : 0;
}

/** Without the real parts the end-to-end tests are skipped, by name; where nobody looks at what was skipped, that is a failure. */
async function partsAreThere(): Promise<boolean> {
  const lacking = await obtainParts();
  if (!lacking) return true;
  console.log(`SKIPPED: all end-to-end tests: ${lacking}`);
  if (process.env.CI) total.failed += 1;
  else total.skipped += 1;
  return false;
}

async function jest(
  options: string[],
  patterns: string[],
  folder: string,
  { within, environment = {} }: { within?: readonly string[]; environment?: Record<string, string> },
): Promise<void> {
  const output = join(folder, `jest-${Date.now()}.json`);
  const args = [
    "npx",
    "jest",
    ...patterns,
    "--passWithNoTests",
    "--json",
    `--outputFile=${output}`,
    ...options,
  ];
  await run([...(within ?? []), ...args], environment);
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

let child: ReturnType<typeof spawn> | undefined;

/** @returns the exit code */
function run([command = "", ...args]: string[], environment: Record<string, string> = {}): Promise<number> {
  return new Promise((resolve) => {
    // jest prints its JSON on standard output as well, where `--outputFile` names a file too.
    child = spawn(command, args, {
      stdio: ["ignore", "ignore", "inherit"],
      env: { ...process.env, ...environment },
    });
    child.once("error", () => resolve(1));
    child.once("exit", (code) => resolve(code ?? 1));
  });
}

async function interrupted(stop: () => Promise<void>): Promise<void> {
  child?.kill("SIGTERM");
  await stop();
  process.exit(130);
}
