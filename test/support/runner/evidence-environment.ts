import { execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Circus } from "@jest/types";
import { TestEnvironment } from "jest-environment-node";
import { outputsFolder } from "../outputs";

/** Of a file in which nearly all fails, the first failures tell the cause. */
const most = 3;

/**
 * Node's environment for end-to-end tests, which keeps what a failed test leaves: what the programs printed, the engine's log
 * and each container's, before the test's own clean-up removes them.
 */
export default class EvidenceEnvironment extends TestEnvironment {
  private readonly file: string;
  private kept = 0;

  constructor(...[config, context]: ConstructorParameters<typeof TestEnvironment>) {
    super(config, context);
    this.file = basename(context.testPath, ".test.ts");
    const { TEST_FOLDER: folder } = process.env;
    if (folder) rmSync(outputsFolder(folder), { recursive: true, force: true });
  }

  handleTestEvent(event: Circus.Event): void {
    if (event.name === "test_fn_failure") this.keep(event.test.name);
    if (event.name === "hook_failure") this.keep(event.test?.name ?? event.hook.type);
  }

  private keep(test: string): void {
    const { TEST_FOLDER: folder, TEST_FAILURES: failures } = process.env;
    if (!folder || !failures || this.kept >= most) return;
    this.kept += 1;
    const into = join(failures, this.file, `${this.kept}-${test.replace(/[^\w.-]+/g, "-").slice(0, 80)}`);
    mkdirSync(into, { recursive: true });
    keepLogs(folder, into);
  }
}

function keepLogs(folder: string, into: string): void {
  const outputs = outputsFolder(folder);
  if (existsSync(outputs)) cpSync(outputs, join(into, "outputs"), { recursive: true });
  const log = join(folder, "dockerd.log");
  if (existsSync(log)) writeFileSync(join(into, "dockerd.log"), readFileSync(log, "utf8").slice(-500_000));
  writeFileSync(join(into, "containers.txt"), docker("ps", "--all", "--no-trunc"));
  // Where no engine answers, the lines are docker's error.
  const names = docker("ps", "--all", "--format", "{{.Names}}").split("\n");
  for (const name of names.filter((each) => /^[\w.-]+$/.test(each)))
    writeFileSync(join(into, `container-${name}.log`), docker("logs", "--timestamps", name));
  process.stderr.write(`  kept ${readdirSync(into).join(", ")} in ${into}\n`);
}

/** What docker says, or why it says nothing: an engine that is gone is part of the evidence. */
function docker(...args: string[]): string {
  const command = `docker "$@" 2>&1`;
  try {
    return execFileSync("sh", ["-c", command, "docker", ...args], {
      env: { ...process.env, DOCKER_HOST: process.env.TEST_ENGINE ?? "" },
      encoding: "utf8",
      timeout: 20_000,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    return String((error as { stdout?: string }).stdout || (error as Error).message);
  }
}
