import { execFileSync, spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync } from "node:fs";
import { join, resolve } from "node:path";

const program = resolve(__dirname, "../../../scripts/openclaw-openrouter.mjs");

function fromRunner(name: string): string {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set: run the end-to-end tests by \`npm test\``);
  return value;
}

export interface RunOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/**
 * A "host" for one test file: a user's home, a working folder and an engine of the tests' own. Ports and container names
 * are those that a user's would have, since the whole run has a network namespace of its own.
 */
export class TestHost {
  readonly folder = mkdtempSync(join(fromRunner("TEST_FOLDER"), "host-"));
  readonly userHome = join(this.folder, "home");
  readonly homes = join(this.userHome, ".openclaw-openrouter");
  readonly engine = fromRunner("TEST_ENGINE");

  constructor() {
    mkdirSync(this.userHome);
  }

  /** The environment of a login on that host: little, so that nothing of the developer's own leaks in. */
  environment(extra: NodeJS.ProcessEnv = {}): NodeJS.ProcessEnv {
    return {
      PATH: process.env.PATH,
      HOME: this.userHome,
      LANG: "C.UTF-8",
      DOCKER_HOST: this.engine,
      OPENCLAW_OPENROUTER_CACHE: process.env.OPENCLAW_OPENROUTER_CACHE ?? join(process.env.HOME ?? "/root", ".cache/openclaw-openrouter"),
      ...extra,
    };
  }

  /** Runs the program as a user does, to its end. */
  run(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): RunOutcome {
    const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
      cwd: this.folder,
      env: this.environment(extra),
      input,
      encoding: "utf8",
      maxBuffer: 256 * 1024 * 1024,
    });
    return { code: status, stdout, stderr };
  }

  /** Runs the program and expects that it ends well. */
  mustRun(args: readonly string[], extra: NodeJS.ProcessEnv = {}, input = ""): RunOutcome {
    const outcome = this.run(args, extra, input);
    if (outcome.code !== 0) throw new Error(`${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  docker(...args: string[]): string {
    return execFileSync("docker", args, { env: this.environment(), encoding: "utf8" }).trim();
  }

  /** Removes every container and volume of this test, and its folder. */
  remove(): void {
    const containers = this.docker("ps", "-aq").split("\n").filter(Boolean);
    if (containers.length > 0) this.docker("rm", "-f", ...containers);
    const volumes = this.docker("volume", "ls", "-q").split("\n").filter(Boolean);
    if (volumes.length > 0) this.docker("volume", "rm", "-f", ...volumes);
    rmSync(this.folder, { recursive: true, force: true });
  }
}
