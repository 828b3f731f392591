import { mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import type { BenchHost } from "./host";
import type { Measure } from "./measure";

/** How many instances are deployed on one engine. */
export const fleetSizes = [1, 4, 10] as const;

export const fleetNames = {
  all: (size: number) => `drift --all, instances: ${size}`,
  one: (size: number) => `drift, one instance of ${size}`,
} as const;

/** Drift checks of one instance, and of several that are deployed on one engine. */
export async function timeFleet({ host, timings, rounds }: Measure): Promise<void> {
  const others: string[] = [];
  await host.command(["up"]);
  const sandbox = host.start("sandbox");
  try {
    for (const size of fleetSizes) {
      while (others.length + 1 < size) others.push(await deploy(host, others.length + 1));
      for (let round = 0; round <= rounds; round++) {
        await timings.time(fleetNames.all(size), round > 0, () => host.command(["drift", "--all"]));
        await timings.time(fleetNames.one(size), round > 0, () => host.command(["drift"]));
      }
      timings.keepPeak(fleetNames.all(size), await host.peakOf(() => host.command(["drift", "--all"])));
    }
  } finally {
    sandbox.kill("SIGTERM");
    for (const instance of others) await remove(host, instance);
    await host.reset();
  }
}

/** Another instance on the same host; the sandbox is its OpenRouter as well. */
async function deploy(host: BenchHost, number: number): Promise<string> {
  const instance = `bench-${number}`;
  const home = homeOf(host, instance);
  mkdirSync(home, { recursive: true, mode: 0o700 });
  const settings = {
    vault: { port: 8300 + number },
    openrouter: { baseUrl: "http://127.0.0.1:18201/api/v1" },
  };
  writeFileSync(join(home, "openrouter.settings.json"), JSON.stringify(settings));
  await host.command(["up", "--instance", instance], { OPENROUTER_API_KEY: host.sandboxKey() });
  return instance;
}

async function remove(host: BenchHost, instance: string): Promise<void> {
  const container = `vault-${instance}`;
  await host.removeContainer(container, [`${container}-data`, `${container}-home`]);
  rmSync(homeOf(host, instance), { recursive: true });
}

function homeOf(host: BenchHost, instance: string): string {
  return join(dirname(host.home.root), instance);
}
