import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import { UserError } from "../../core/errors";
import { childEnvironment } from "../../core/system/environment";
import { accountOf } from "../../core/system/os-user";
import { run } from "../../core/system/process";
import { systemdRuns } from "../../docker/engine";

/** The folder and scope of systemd units: the system's for root, else the user's own. */
export function systemd(): { folder: string; scope: string[] } {
  if (process.getuid?.() === 0) return { folder: "/etc/systemd/system", scope: [] };
  const configuration = process.env.XDG_CONFIG_HOME || join(homedir(), ".config");
  return { folder: join(configuration, "systemd/user"), scope: ["--user"] };
}

/** Whether the manager that runs the units is the user's own. */
export function isOwn(): boolean {
  return systemdRuns() && systemd().scope.length > 0;
}

/** Whether the manager that runs the units runs now: a user's own only while they are logged in, or with linger from boot on. */
export function managerRuns(): boolean {
  return systemdRuns() && (!isOwn() || existsSync(`${runtimeFolder()}/systemd/private`));
}

/** @throws UserError if the manager does not run, which would run the units */
export function requireManager(): void {
  if (managerRuns()) return;
  const { name } = accountOf();
  throw new UserError({
    problem: `${name}'s own systemd does not run, which would run the schedule. Nothing was changed.`,
    got: `no manager in ${runtimeFolder()}: ${name} is not logged in, and does not linger`,
    fix: `Have it run from boot on: sudo loginctl enable-linger ${name}; then run this command again.`,
  });
}

/** Whether the user's manager runs from boot on, without a login. */
export function lingers(): boolean {
  return existsSync(join("/var/lib/systemd/linger", accountOf().name));
}

/** Runs systemctl. @throws UserError if it fails */
export async function systemctl(args: readonly string[]): Promise<void> {
  const result = await run("systemctl", args, { env: systemctlEnvironment(), timeout: 30_000 });
  if (result.exitCode === 0) return;
  throw new UserError({
    problem: `systemctl ${args.join(" ")} failed.`,
    got: result.failure ?? result.stderr,
    fix: `Run \`systemctl ${isOwn() ? "--user " : ""}status\` to find the cause; then run this command again.`,
  });
}

/** With the place of the user's manager, which `sudo -u` and `su` do not name, or name another user's. */
export function systemctlEnvironment(): Record<string, string> {
  const place = runtimeFolder();
  return childEnvironment({
    LC_ALL: "C",
    TZ: "UTC",
    ...(existsSync(place) ? { XDG_RUNTIME_DIR: place } : {}),
  });
}

/** The folder of the user's manager. */
function runtimeFolder(): string {
  return `/run/user/${process.getuid?.()}`;
}
