import { findProgram } from "../../lib/core/system/find-program";
import { run } from "../../lib/core/system/process";

/**
 * Installs a package of Debian's where it is not there yet. No server of the system's is started by that.
 * @param isThere whether what the tests use of it is there
 * @returns why it cannot be had; undefined where it is there
 */
export async function installPackage(name: string, isThere: () => boolean): Promise<string | undefined> {
  if (isThere()) return undefined;
  if (!findProgram("apt-get", process.env.PATH)) return "this host has no apt-get";
  // What a maintainer's script goes by that asks whether it may start a service.
  const env = { PATH: process.env.PATH ?? "", DEBIAN_FRONTEND: "noninteractive", RUNLEVEL: "1" };
  for (const args of [
    ["update", "-q"],
    ["install", "-y", "-q", "--no-install-recommends", name],
  ]) {
    console.log(`  apt-get ${args.join(" ")}`);
    const { exitCode, stderr, failure } = await run("apt-get", args, { env });
    if (exitCode !== 0) return `apt-get ${args[0]}: ${failure ?? stderr.trim().split("\n").at(-1)}`;
  }
  return isThere() ? undefined : "its package has nothing where it was looked for";
}
