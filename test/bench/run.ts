import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { cacheRoot } from "../../lib/host/cache-root";
import { openKit } from "../../lib/host/kit";
import { kitCliConfig } from "../../lib/host/kit-mirror";
import { homePaths, stackNames } from "../../lib/model/home-paths";
import { startTestEngine } from "../engine";
import { obtainParts } from "../parts";

const program = process.env.OPENCLAW_OPENROUTER_BIN ?? "";
const rounds = 5;

/**
 * Times the same two stacks deployed in three ways, side by side in one run, and prints medians and ratios: this project's
 * `up` with its check, Terraform alone on the same JSON, and `cdktf deploy '*'`.
 */
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
    const home = join(folder, "home");
    mkdirSync(home);
    const bench = new Bench(
      engine.namespace,
      folder,
      {
        PATH: process.env.PATH,
        HOME: home,
        LANG: "C.UTF-8",
        DOCKER_HOST: engine.environment.TEST_ENGINE,
        OPENCLAW_OPENROUTER_CACHE: cacheRoot(),
        OPENCLAW_OPENROUTER_INSTANCE: "sandbox",
      },
      { TF_CLI_CONFIG_FILE: await kitCliConfig(openKit()) },
    );
    for (let round = 0; round <= rounds; round++) bench.round(round > 0);
    bench.print();
  } finally {
    await stop();
  }
}

class Bench {
  private readonly seconds = new Map<string, number[]>();
  private readonly home: ReturnType<typeof homePaths>;

  constructor(
    private readonly namespace: readonly string[],
    private readonly folder: string,
    private readonly environment: NodeJS.ProcessEnv,
    /** How Terraform finds the kit's providers where it is run alone. */
    private readonly mirror: NodeJS.ProcessEnv,
  ) {
    this.home = homePaths(join(environment.HOME ?? "", ".openclaw-openrouter", "sandbox"));
  }

  /** @param counted false: a round that warms caches up */
  round(counted: boolean): void {
    const time = (name: string, work: () => void) => {
      const start = performance.now();
      work();
      if (counted)
        this.seconds.set(name, [...(this.seconds.get(name) ?? []), (performance.now() - start) / 1000]);
    };
    time("first up", () => this.ours("up"));
    time("second up", () => this.ours("up"));
    time("synth", () => this.ours("synth", "--out", join(this.folder, "cdktf.out")));
    time("terraform plan, both", () => {
      for (const stack of stackNames) this.terraform(stack, "plan", "-input=false");
    });
    // Its own folder under cdktf.out is made by the first, uncounted round.
    time("cdktf deploy, nothing to do", () => this.cdktf());

    const withKey = { TF_VAR_openrouter_api_key: this.key };
    const out = join(this.folder, "same");
    const host = readFileSync(this.home.host);
    this.reset();
    // Synth takes from it which image the engine has.
    mkdirSync(this.home.root, { recursive: true, mode: 0o700 });
    writeFileSync(this.home.host, host);
    this.run([process.execPath, program, "synth", "--out", out], withKey);
    for (const stack of stackNames)
      this.run(["terraform", `-chdir=${join(out, "stacks", stack)}`, "init", "-input=false"], this.mirror);
    time("terraform apply, both", () => {
      for (const stack of stackNames) {
        this.run(
          ["terraform", `-chdir=${join(out, "stacks", stack)}`, "apply", "-auto-approve", "-input=false"],
          { ...this.mirror, ...withKey },
        );
      }
    });
    this.reset();
    rmSync(out, { recursive: true });
  }

  /** Not `destroy --purge`: that would remove the image as well, which is to be there already. */
  private reset(): void {
    const container = "openclaw-sandbox-vault";
    this.run(["docker", "rm", "-f", container]);
    this.run(["docker", "volume", "rm", `${container}-data`, `${container}-home`]);
    rmSync(this.home.root, { recursive: true });
  }

  private get key(): string {
    return readFileSync(this.home.sandboxKey, "utf8").trim();
  }

  private ours(...args: string[]): void {
    this.run([process.execPath, program, ...args]);
  }

  private terraform(stack: (typeof stackNames)[number], ...args: string[]): void {
    this.run(["terraform", `-chdir=${join(this.home.cdktfOut, "stacks", stack)}`, ...args], {
      ...this.mirror,
      TF_DATA_DIR: join(this.home.terraform, "terraform", stack),
    });
  }

  private cdktf(): void {
    this.run([process.execPath, "node_modules/cdktf-cli/bundle/bin/cdktf", "deploy", "*", "--auto-approve"], {
      TF_INPUT: "0",
      TF_VAR_openrouter_api_key: this.key,
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
    });
  }

  private run(command: string[], environment: NodeJS.ProcessEnv = {}): void {
    const [enter = "", ...rest] = [...this.namespace, ...command];
    const result = spawnSync(enter, rest, {
      env: {
        ...this.environment,
        OPENCLAW_OPENROUTER_BIN: program,
        OPENCLAW_OPENROUTER_CHECK: "later",
        ...environment,
      },
      encoding: "utf8",
      maxBuffer: 64 * 1024 * 1024,
    });
    if (result.status === 0) return;
    throw new Error(
      `${command.join(" ")} ended with ${result.status}:\n${result.stdout.slice(-2000)}\n${result.stderr.slice(-2000)}`,
    );
  }

  print(): void {
    console.log(`\nMedians of ${rounds} runs, in seconds, least and most in brackets\n`);
    for (const [name, values] of this.seconds) {
      const range = `(${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;
      console.log(`${name.padEnd(30)} ${median(values).toFixed(2).padStart(6)}  ${range}`);
    }
    const ratio = (name: string, other: string, goal: number) => {
      const value = median(this.seconds.get(name) ?? []) / median(this.seconds.get(other) ?? []);
      console.log(`${name} / ${other}: ${value.toFixed(2)} (goal: at most ${goal})`);
    };
    console.log("");
    ratio("first up", "terraform apply, both", 1.5);
    ratio("second up", "terraform plan, both", 2);
    ratio("second up", "cdktf deploy, nothing to do", 0.4);
  }
}

function median(values: number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN;
}
