import { execFileSync, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { scratchFolder } from "./folder";

const manager = ["/usr/lib/systemd/systemd", "/lib/systemd/systemd"].find(existsSync);

/** Why no manager of systemd can be run here; undefined if one can. */
export function systemdMissing(): string | undefined {
  if (!manager) return "systemd is not installed here";
  if (process.getuid?.() !== 0) return "namespaces of their own need root";
  const { status } = spawnSync("/bin/sh", ["-c", inOwnGroup, "sh", "true"], { env });
  return status === 0 ? undefined : "no namespaces and control groups of their own can be made here";
}

const env = { PATH: "/usr/sbin:/usr/bin:/sbin:/bin" };

/**
 * Runs the program that is named after it in namespaces of its own for files, processes and control groups, in which systemd is
 * taken to have booted. The control group is removed afterwards.
 */
const inOwnGroup = `
kind=cgroup2; options=; place=/sys/fs/cgroup; groups=/sys/fs/cgroup
if [ -d /sys/fs/cgroup/systemd ]; then
  kind=cgroup; options="-o none,name=systemd"; place=/sys/fs/cgroup/systemd; groups=/sys/fs/cgroup/systemd
fi
export kind options place
group=$groups/openclaw-test-$$
mkdir "$group" || exit 1
(echo 0 > "$group/cgroup.procs" && exec unshare --mount --pid --fork --mount-proc --cgroup --kill-child sh -c '
  mount -t tmpfs tmpfs /run && mkdir -p /run/systemd/system &&
  mount -t tmpfs tmpfs /sys/fs/cgroup && mkdir -p "$place" && mount -t "$kind" $options cgroup "$place" || exit 1
  "$@"
' sh "$@")
code=$?
find "$group" -depth -type d -exec rmdir {} +
exit $code
`;

/**
 * Has a real manager of systemd, a user's, read units and start some of them.
 * @param units their texts by name
 * @param started the names of those that are started, all at once
 * @returns what the manager said
 */
export function runBySystemd(units: Readonly<Record<string, string>>, started: readonly string[]): string {
  const folder = scratchFolder();
  const places = { XDG_CONFIG_HOME: join(folder, "config"), XDG_RUNTIME_DIR: join(folder, "runtime") };
  const place = join(places.XDG_CONFIG_HOME, "systemd/user");
  mkdirSync(place, { recursive: true });
  mkdirSync(places.XDG_RUNTIME_DIR, { mode: 0o700 });
  // Ends the manager once all of them ended, well or not.
  const last = `[Unit]
Wants=${started.join(" ")}
After=${started.join(" ")}
SuccessAction=exit
[Service]
Type=oneshot
ExecStart=/bin/true
`;
  for (const [name, text] of Object.entries({ ...units, "last.service": last }))
    writeFileSync(join(place, name), text);
  const command = ["-c", inOwnGroup, "sh", manager!, "--user", "--unit=last.service"];
  const { stdout, stderr, status, signal } = spawnSync("/bin/sh", command, {
    encoding: "utf8",
    env: { ...env, ...places, SYSTEMD_LOG_TARGET: "console", HOME: folder },
    timeout: 60_000,
  });
  if (status !== 0) throw new Error(`systemd ended with ${status ?? signal}:\n${stdout}${stderr}`);
  return `${stdout}${stderr}`;
}

/** What systemd's own verification says against unit files; empty if nothing. */
export function verifiedBySystemd(files: readonly string[]): string {
  try {
    execFileSync("systemd-analyze", ["verify", "--man=no", ...files], { encoding: "utf8", stdio: "pipe" });
    return "";
  } catch (error) {
    return String((error as { stderr?: string }).stderr ?? error);
  }
}
