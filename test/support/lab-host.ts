import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { existsSync, mkdirSync, mkdtempSync, openSync, readFileSync, renameSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { poll } from "../../lib/core/poll";
import { cacheRoot } from "../../lib/core/system/cache-root";
import { findProgram } from "../../lib/core/system/find-program";

/** Debian's suites that boot here, with the versions of their Docker Engine and Node. */
export type Suite = "trixie";

/** Why no whole host can be made here; undefined if one can. */
export function labHostMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "a host of its own needs root";
  const missing = ["mmdebstrap", "systemd-nspawn"].filter((name) => !findProgram(name));
  return missing.length > 0 ? `not installed here: ${missing.join(", ")}` : undefined;
}

const packages =
  `systemd,systemd-sysv,dbus,dbus-user-session,libpam-systemd,docker.io,docker-cli,nodejs,ca-certificates,iptables,
procps,iproute2,sudo,curl`.replace(/\s/g, "");

/** nspawn gives control groups read only, and the engine makes some, also when it starts its containers after a boot. */
const writableGroups = `[Service]
ExecStartPre=/bin/sh -c 'for m in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,bind,rw "$$m" || :; done'
`;

/**
 * The root file system of a suite with systemd, Docker Engine and Node, kept between runs. Made once, in some minutes.
 * @param outside nsenter's arguments for where Debian's packages are
 */
function baseOf(suite: Suite, outside: readonly string[]): string {
  // Beside the cache, which holds nothing that everybody can write to.
  const base = join(`${cacheRoot()}-hosts`, suite);
  if (existsSync(base)) return base;
  mkdirSync(join(base, ".."), { recursive: true });
  const draft = mkdtempSync(`${base}-`);
  const unit = "etc/systemd/system/docker.service.d";
  const options = [
    ...["--variant=minbase", "--components=main", `--include=${packages}`],
    `--customize-hook=mkdir -p "$1/${unit}" && printf %s "$UNIT" >"$1/${unit}/groups.conf"`,
  ];
  execFileSync("nsenter", [...outside, "mmdebstrap", ...options, suite, draft], {
    env: { ...process.env, UNIT: writableGroups },
    stdio: "pipe",
  });
  renameSync(draft, base);
  return base;
}

/** What a program that ran in the host left. */
export interface LabOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A user of the host. @default root */
export interface LabUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

const root: LabUser = { name: "root", uid: 0, home: "/root" };

/**
 * A whole host: systemd as first process and a Docker Engine of its own, in a container of systemd-nspawn. It has no network but
 * its own loopback. What it writes lies in a folder, so that it survives a reboot; the base is only read.
 */
export class LabHost {
  private machine: ChildProcess | undefined;

  /**
   * @param folder its own, removed with it
   * @param binds folders of this machine that it reads, by their path in the host
   */
  constructor(
    private readonly folder: string,
    private readonly suite: Suite,
    private readonly outside: readonly string[],
    private readonly binds: Readonly<Record<string, string>> = {},
  ) {}

  /** Boots it, and waits until its engine answers. */
  async boot(): Promise<void> {
    const base = baseOf(this.suite, this.outside);
    for (const name of ["upper", "work", "root", "docker"])
      mkdirSync(join(this.folder, name), { recursive: true });
    // Its own mounts: they end with it. The engine's own overlays need a folder that is none.
    const script = `mount -t overlay overlay -o "lowerdir=$0,upperdir=$1/upper,workdir=$1/work" "$1/root" && shift && exec "$@"`;
    const isUnified = existsSync("/sys/fs/cgroup/cgroup.controllers");
    const nspawn = [
      ...["systemd-nspawn", "-q", "-D", join(this.folder, "root"), "--machine", basename(this.folder)],
      ...["--register=no", "--keep-unit", "--capability=all", "--private-network", "--console=pipe"],
      ...[
        "--system-call-filter=@mount @keyring bpf",
        `--bind=${join(this.folder, "docker")}:/var/lib/docker`,
      ],
      ...Object.entries(this.binds).map(([inside, path]) => `--bind-ro=${path}:${inside}`),
      ...["-b", ...(isUnified ? [] : ["SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"])],
    ];
    const console = openSync(join(this.folder, "console"), "a");
    this.machine = spawn("unshare", ["--mount", "sh", "-c", script, base, this.folder, ...nspawn], {
      env: {
        PATH: process.env.PATH,
        SYSTEMD_SECCOMP: "0",
        SYSTEMD_NSPAWN_LOCK: "0",
        ...(isUnified ? {} : { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "0" }),
      },
      stdio: ["ignore", console, console],
    });
    const isUp = () => this.run(["docker", "version"]).code === 0 || undefined;
    if (!(await poll(isUp, { every: 500, timeout: 120_000 })))
      throw new Error(`it did not boot:\n${readFileSync(join(this.folder, "console"), "utf8").slice(-2000)}`);
  }

  /** Shuts it down as a host is, and waits for the end. */
  async stop(): Promise<void> {
    const { machine } = this;
    if (!machine || machine.exitCode !== null) return;
    const ended = new Promise((resolve) => machine.once("exit", resolve));
    this.run(["systemctl", "poweroff"]);
    const killing = setTimeout(() => machine.kill("SIGKILL"), 60_000);
    await ended;
    clearTimeout(killing);
    this.machine = undefined;
  }

  async reboot(): Promise<void> {
    await this.stop();
    await this.boot();
  }

  async remove(): Promise<void> {
    await this.stop();
    rmSync(this.folder, { recursive: true, force: true });
  }

  /** Runs a program in it to its end, with the environment of a login. */
  run(command: readonly string[], user = root, environment: NodeJS.ProcessEnv = {}, input = ""): LabOutcome {
    const { name, uid, home } = user;
    const login = {
      ...{ HOME: home, USER: name, LOGNAME: name, LANG: "C.UTF-8", XDG_RUNTIME_DIR: `/run/user/${uid}` },
      PATH: `${home}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      ...environment,
    };
    const variables = Object.entries(login).map(([key, value]) => `${key}=${value}`);
    const as = uid === 0 ? [] : ["runuser", "-u", name, "--"];
    const inside = ["-t", String(this.init()), "-a", ...as, "env", "-i", "-C", home, ...variables];
    const { status, stdout, stderr } = spawnSync("nsenter", [...inside, ...command], {
      encoding: "utf8",
      timeout: 240_000,
      input,
    });
    return { code: status, stdout, stderr };
  }

  /** The same for one that must end well. @returns its standard output, or else its standard error */
  must(command: readonly string[], user = root, environment: NodeJS.ProcessEnv = {}, input = ""): string {
    const { code, stdout, stderr } = this.run(command, user, environment, input);
    if (code !== 0) throw new Error(`${command.join(" ")} ended with ${code}:\n${stdout}${stderr}`);
    return stdout || stderr;
  }

  /** The pid of its first process: nspawn's only child. */
  private init(): number {
    const pid = this.machine?.pid ?? 0;
    const children = `/proc/${pid}/task/${pid}/children`;
    return Number(existsSync(children) ? readFileSync(children, "utf8").trim().split(" ")[0] : 0);
  }
}
