import { mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { openKit } from "../../lib/host/kit";
import { kitCliConfig } from "../../lib/host/kit-mirror";
import { stackNames } from "../../lib/model/home-paths";
import type { BenchHost } from "./host";
import type { Timings } from "./timings";

const rounds = 5;

/**
 * The same two stacks deployed in three ways: this project's `up` with its check, Terraform alone on the same JSON, and
 * `cdktf deploy '*'`.
 */
export async function timeDeploys(host: BenchHost, timings: Timings): Promise<void> {
  /** How Terraform finds the kit's providers where it is run alone. */
  const mirror = { TF_CLI_CONFIG_FILE: await kitCliConfig(openKit()) };
  // The first round warms caches up.
  for (let round = 0; round <= rounds; round++) deployRound(host, timings, mirror, round > 0);
}

function deployRound(
  host: BenchHost,
  timings: Timings,
  mirror: Record<string, string>,
  counted: boolean,
): void {
  const { home, folder } = host;
  const time = (name: string, work: () => void) => timings.time(name, counted, work);
  time("first up", () => host.verb(["up"]));
  time("second up", () => host.verb(["up"]));
  time("synth", () => host.verb(["synth", "--out", join(folder, "cdktf.out")]));
  time("terraform plan, both", () => {
    for (const stack of stackNames) {
      host.run(["terraform", `-chdir=${join(home.cdktfOut, "stacks", stack)}`, "plan", "-input=false"], {
        ...mirror,
        TF_DATA_DIR: join(home.terraform, "terraform", stack),
      });
    }
  });
  // Its own folder under cdktf.out is made by the first, uncounted round.
  time("cdktf deploy, nothing to do", () => {
    host.run([process.execPath, "node_modules/cdktf-cli/bundle/bin/cdktf", "deploy", "*", "--auto-approve"], {
      TF_INPUT: "0",
      TF_VAR_openrouter_api_key: host.key,
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
    });
  });

  const withKey = { TF_VAR_openrouter_api_key: host.key };
  const out = join(folder, "same");
  const record = readFileSync(home.host);
  host.reset();
  // Synth takes from it which image the engine has.
  mkdirSync(home.root, { recursive: true, mode: 0o700 });
  writeFileSync(home.host, record);
  host.verb(["synth", "--out", out], withKey);
  for (const stack of stackNames)
    host.run(["terraform", `-chdir=${join(out, "stacks", stack)}`, "init", "-input=false"], mirror);
  time("terraform apply, both", () => {
    for (const stack of stackNames) {
      host.run(
        ["terraform", `-chdir=${join(out, "stacks", stack)}`, "apply", "-auto-approve", "-input=false"],
        { ...mirror, ...withKey },
      );
    }
  });
  host.reset();
  rmSync(out, { recursive: true });
}
