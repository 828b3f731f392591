import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { findProgram } from "../../lib/core/system/find-program";
import { run } from "../../lib/core/system/process";

const versions = "/usr/lib/postgresql";

/** The folder of PostgreSQL's programs, as Debian's package places them; undefined where there are none. */
export function postgresFolder(): string | undefined {
  const found = existsSync(versions) ? readdirSync(versions).sort((a, b) => Number(b) - Number(a)) : [];
  return found
    .map((version) => join(versions, version, "bin"))
    .find((bin) => existsSync(join(bin, "initdb")));
}

/**
 * Installs Debian's package where it is not there yet. No server of the system's is started by that.
 * @returns why it cannot be had; undefined where it is there
 */
export async function installPostgres(): Promise<string | undefined> {
  if (postgresFolder()) return undefined;
  if (!findProgram("apt-get", process.env.PATH)) return "this host has no apt-get";
  // What a maintainer's script goes by that asks whether it may start a service.
  const env = { PATH: process.env.PATH ?? "", DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", "postgresql"],
  ]) {
    console.log(`  apt-get ${args.join(" ")}`);
    const { exitCode, stderr, failure } = await run("apt-get", args, { env });
    if (exitCode !== 0) return `apt-get ${args[0]}: ${failure ?? stderr.trim().split("\n").at(-1)}`;
  }
  return postgresFolder() ? undefined : "its package has no initdb where it was looked for";
}
