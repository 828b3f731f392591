import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, renameSync } from "node:fs";
import { join } from "node:path";
import { cacheRoot } from "../../lib/core/system/cache-root";

/** Debian's suites of which whole hosts are made. sid's systemd does not boot here: its hosts have a script as first process. */
export type Suite = "bookworm" | "trixie" | "sid";

/** What a host is made of. */
export interface LabBase {
  readonly suite: Suite;
  /** More of Debian's packages. A base with some has a name of its own, since it is kept between runs. */
  readonly more?: { readonly name: string; readonly packages: readonly string[] };
}

const common = [
  ...["docker.io", "ca-certificates", "iptables", "procps", "iproute2", "sudo", "curl"],
  ...["systemd", "systemd-sysv", "dbus", "dbus-user-session", "libpam-systemd"],
];
/** In Debian 12 the engine's package has its client too, and Node is too old. */
const packages: Record<Suite, readonly string[]> = {
  bookworm: common,
  trixie: [...common, "docker-cli", "nodejs"],
  sid: [...common, "docker-cli", "nodejs"],
};

/** nspawn gives control groups read only, and the engine makes some, also when it starts its containers after a boot. */
const writableGroups = `[Service]
ExecStartPre=/bin/sh -c 'for m in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,bind,rw "$$m" || :; done'
`;

/** What the hosts are made of, kept between runs. Beside the cache, which holds nothing that everybody can write to. */
export function labFolder(): string {
  const folder = `${cacheRoot()}-hosts`;
  mkdirSync(folder, { recursive: true });
  return folder;
}

/**
 * The root file system of a suite with systemd and Docker Engine. Made once, in some minutes.
 * @param outside nsenter's arguments for where Debian's packages are
 */
export function labBase({ suite, more }: LabBase, outside: readonly string[]): string {
  const base = join(labFolder(), [suite, ...(more ? [more.name] : [])].join("-"));
  if (existsSync(base)) return base;
  const draft = mkdtempSync(`${base}-`);
  const unit = "etc/systemd/system/docker.service.d";
  const include = [...packages[suite], ...(more?.packages ?? [])].join(",");
  const options = [
    ...["--variant=minbase", "--components=main", `--include=${include}`],
    // The release file of sid can be older than its own date allows.
    '--aptopt=Acquire::Check-Valid-Until "false"',
    `--customize-hook=mkdir -p "$1/${unit}" && printf %s "$UNIT" >"$1/${unit}/groups.conf"`,
  ];
  execFileSync("nsenter", [...outside, "mmdebstrap", ...options, suite, draft], {
    env: { ...process.env, UNIT: writableGroups },
    stdio: "pipe",
  });
  renameSync(draft, base);
  return base;
}
