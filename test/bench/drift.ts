import { mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { openKit } from "../../lib/host/kit";
import { kitCliConfig } from "../../lib/host/kit-mirror";
import { stackNames } from "../../lib/model/home-paths";
import type { BenchHost } from "./host";
import type { Timings } from "./timings";

const rounds = 7;

/** The sandbox, and these beside it. */
const others = Array.from({ length: 9 }, (_, index) => `bench-${index + 1}`);

/** Drift checks of one instance and of ten, against Terraform's plan of a single stack, in the same rounds. */
export async function timeDrift(host: BenchHost, timings: Timings): Promise<void> {
  const mirror = { TF_CLI_CONFIG_FILE: await kitCliConfig(openKit()) };
  host.verb(["up"]);
  const sandbox = host.start("sandbox");
  try {
    for (let round = 0; round <= rounds; round++) {
      for (const stack of stackNames) {
        timings.time(`terraform plan, stack ${stack}`, round > 0, () =>
          host.run(
            [
              "terraform",
              `-chdir=${join(host.home.cdktfOut, "stacks", stack)}`,
              "plan",
              "-input=false",
              "-lock=false",
            ],
            { ...mirror, TF_DATA_DIR: join(host.home.terraform, "terraform", stack) },
          ),
        );
      }
      timings.time("drift", round > 0, () => host.verb(["drift"]));
    }
    others.forEach((instance, index) => {
      deploy(host, instance, 8300 + index);
    });
    for (let round = 0; round <= 3; round++) {
      timings.time("drift, one of ten", round > 0, () => host.verb(["drift"]));
      timings.time("drift --all, ten instances", round > 0, () => host.verb(["drift", "--all"]));
    }
  } finally {
    sandbox.kill("SIGTERM");
    for (const instance of others) remove(host, instance);
    host.reset();
  }
}

/** Another instance on the same host; the sandbox is its OpenRouter as well. */
function deploy(host: BenchHost, instance: string, port: number): void {
  const home = join(dirname(host.home.root), instance);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const settings = { vault: { port }, openrouter: { baseUrl: "http://127.0.0.1:18201/api/v1" } };
  writeFileSync(join(home, "openrouter.settings.json"), JSON.stringify(settings));
  host.verb(["up", "--instance", instance], { OPENROUTER_API_KEY: host.key });
}

function remove(host: BenchHost, instance: string): void {
  host.run(["docker", "rm", "-f", `vault-${instance}`]);
  host.run(["docker", "volume", "rm", "-f", `vault-${instance}-data`, `vault-${instance}-home`]);
}
