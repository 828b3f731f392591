import { type ChildProcess, execFileSync, spawn, spawnSync } from "node:child_process";
import { closeSync, existsSync, mkdirSync, openSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { text } from "node:stream/consumers";
import { poll } from "../../lib/core/poll";
import { findProgram } from "../../lib/core/system/find-program";
import { installPackage } from "./apt";
import { type LabBase, labBase } from "./lab-base";

/** What makes and boots a host: each program, and its package. */
const makers = { mmdebstrap: "mmdebstrap", "systemd-nspawn": "systemd-container" };

/** Why no whole host can be made here; undefined if one can. */
export function labHostMissing(): string | undefined {
  if (process.getuid?.() !== 0) return "a host of its own needs root";
  const missing = Object.keys(makers).filter((name) => !findProgram(name));
  return missing.length > 0 ? `not installed here: ${missing.join(", ")}` : undefined;
}

/** Installs what makes whole hosts. @returns why it cannot be had; undefined where it is there */
export async function installLabHost(): Promise<string | undefined> {
  if (process.getuid?.() !== 0) return labHostMissing();
  for (const [program, name] of Object.entries(makers)) {
    const missing = await installPackage(name, () => findProgram(program) !== undefined);
    if (missing) return missing;
  }
  return undefined;
}

/** What a program that ran in the host left. */
export interface LabOutcome {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A program while it runs in the host. */
export interface LabRunning {
  /** Standard error until now. */
  said(): string;
  readonly outcome: Promise<LabOutcome>;
}

/** A user of the host. @default root */
export interface LabUser {
  readonly name: string;
  readonly uid: number;
  readonly home: string;
}

export const root: LabUser = { name: "root", uid: 0, home: "/root" };

/** The first process of a host without systemd: keeps an engine running. */
const withoutSystemd = `for m in /sys/fs/cgroup/*/ /sys/fs/cgroup; do mount -o remount,bind,rw "$m"; done
ip link set lo up
[ -s /etc/machine-id ] || dbus-uuidgen >/etc/machine-id
while :; do rm -f /run/docker.pid; dockerd >>/var/log/dockerd.log 2>&1; done`;

export interface LabHostProps extends LabBase {
  /** Its own, removed with it. */
  readonly folder: string;
  /** nsenter's arguments for where Debian's packages are. */
  readonly outside: readonly string[];
  /** Folders of this machine that it reads, by their path in the host. */
  readonly binds?: Readonly<Record<string, string>>;
  /** How big its disk is, such as "8G". @default it has no disk of its own */
  readonly disk?: string;
  /** What answers once it is up. @default its engine */
  readonly ready?: readonly string[];
}

/**
 * A whole host: systemd as first process and a Docker Engine of its own, in a container of systemd-nspawn. It has no network but
 * its own loopback. What it writes lies in a folder, so that it survives a reboot; the base is only read.
 */
export class LabHost {
  private machine: ChildProcess | undefined;

  constructor(private readonly props: LabHostProps) {}

  /** Boots it, and waits until its engine answers. */
  async boot(): Promise<void> {
    const { suite, outside, folder, binds = {} } = this.props;
    const base = labBase(this.props, outside);
    this.makeDisk();
    // Its own mounts: they end with it. The engine's own overlays need a folder that is none.
    const script = `${this.mounting()} && cd "$0" && mkdir -p upper work root docker && shift &&
{ [ -e tun ] || mknod -m 666 tun c 10 200; } &&
mount -t overlay overlay -o "lowerdir=$1,upperdir=$0/upper,workdir=$0/work" root && shift && cd / && exec "$@"`;
    const isUnified = existsSync("/sys/fs/cgroup/cgroup.controllers");
    const hasTun = existsSync("/dev/net/tun");
    const nspawn = [
      ...["systemd-nspawn", "-q", "-D", join(folder, "root"), "--machine", basename(folder)],
      ...["--register=no", "--keep-unit", "--capability=all", "--private-network", "--console=pipe"],
      ...["--system-call-filter=@mount @keyring bpf", `--bind=${join(folder, "docker")}:/var/lib/docker`],
      // A rootless engine's network goes by it. Everybody may use a host's own; this machine's may be root's alone.
      ...(hasTun ? [`--bind=${join(folder, "tun")}:/dev/net/tun`] : []),
      ...Object.entries(binds).map(([inside, path]) => `--bind-ro=${path}:${inside}`),
      ...(suite === "sid"
        ? ["--as-pid2", "/bin/bash", "-c", withoutSystemd]
        : ["-b", ...(isUnified ? [] : ["SYSTEMD_CGROUP_ENABLE_LEGACY_FORCE=1"])]),
    ];
    const console = openSync(this.console, "a");
    this.machine = spawn("unshare", ["--mount", "sh", "-c", script, folder, this.disk, base, ...nspawn], {
      env: {
        PATH: process.env.PATH,
        SYSTEMD_SECCOMP: "0",
        SYSTEMD_NSPAWN_LOCK: "0",
        ...(isUnified ? {} : { SYSTEMD_NSPAWN_UNIFIED_HIERARCHY: "0" }),
      },
      stdio: ["ignore", console, console],
    });
    closeSync(console);
    const ready = this.props.ready ?? ["docker", "version"];
    const isUp = () => this.run(ready).code === 0 || undefined;
    if (!(await poll(isUp, { every: 500, timeout: 180_000 })))
      throw new Error(`it did not boot:\n${readFileSync(this.console, "utf8").slice(-2000)}`);
  }

  private get disk(): string {
    return `${this.props.folder}.disk`;
  }

  private get console(): string {
    return `${this.props.folder}.console`;
  }

  /** A disk of a limited size, which can be full. */
  private makeDisk(): void {
    const { folder, disk } = this.props;
    mkdirSync(folder, { recursive: true });
    if (!disk || existsSync(this.disk)) return;
    execFileSync("truncate", ["-s", disk, this.disk]);
    execFileSync("mkfs.ext4", ["-q", this.disk]);
  }

  /** Shell that puts its disk, $1, at its folder, $0, where it has one. */
  private mounting(): string {
    return this.props.disk ? 'mount -o loop "$1" "$0"' : ":";
  }

  /** Shuts it down as a host is, and waits for the end. */
  async stop(): Promise<void> {
    const { suite } = this.props;
    await this.end((machine) => {
      if (suite === "sid") machine.kill("SIGTERM");
      else this.run(["systemctl", "poweroff"]);
    });
  }

  /** Ends everything in it at one moment, as a power cut does. */
  async kill(): Promise<void> {
    await this.end(() => process.kill(this.init(), "SIGKILL"));
  }

  private async end(how: (machine: ChildProcess) => void): Promise<void> {
    const { machine } = this;
    if (!machine || machine.exitCode !== null || machine.signalCode !== null) return;
    const ended = new Promise((resolve) => machine.once("exit", resolve));
    how(machine);
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
    for (const path of [this.props.folder, this.disk, this.console])
      rmSync(path, { recursive: true, force: true });
  }

  /** Takes a file or folder over from another host, both being off, with owners and permissions. @param to @default the same path */
  carry(path: string, from: LabHost, to = path): void {
    const script = `${from.mounting()} && cp -aT "$0/upper$2" "$3"`;
    const draft = `${this.props.folder}.carried`;
    const into = `${this.mounting()} && mkdir -p "$(dirname "$0/upper$2")" && cp -aT "$3" "$0/upper$2"`;
    const run = (...args: string[]) =>
      execFileSync("unshare", ["--mount", "sh", "-c", ...args], { stdio: "pipe" });
    run(script, from.props.folder, from.disk, path, draft);
    run(into, this.props.folder, this.disk, to, draft);
    rmSync(draft, { recursive: true });
  }

  /** Runs a program in it to its end, with the environment of a login. */
  run(command: readonly string[], user = root, environment: NodeJS.ProcessEnv = {}, input = ""): LabOutcome {
    const inside = this.inside(user, environment);
    const { status, stdout, stderr } = spawnSync("nsenter", [...inside, ...command], {
      encoding: "utf8",
      timeout: 600_000,
      maxBuffer: 64 * 1024 * 1024,
      input,
    });
    return { code: status, stdout, stderr };
  }

  /** Starts a program in it. */
  start(command: readonly string[], user = root, environment: NodeJS.ProcessEnv = {}): LabRunning {
    const stdio = ["ignore", "pipe", "pipe"] as const;
    const child = spawn("nsenter", [...this.inside(user, environment), ...command], { stdio: [...stdio] });
    let said = "";
    child.stderr?.setEncoding("utf8").on("data", (chunk: string) => {
      said += chunk;
    });
    const stdout = text(child.stdout!);
    const outcome = new Promise<LabOutcome>((done, fail) => {
      child.once("error", fail);
      child.once("exit", async (code) => done({ code, stdout: await stdout, stderr: said }));
    });
    return { said: () => said, outcome };
  }

  /** nsenter's arguments up to the command. */
  private inside({ name, uid, home }: LabUser, environment: NodeJS.ProcessEnv): string[] {
    const login = {
      ...{ HOME: home, USER: name, LOGNAME: name, LANG: "C.UTF-8", XDG_RUNTIME_DIR: `/run/user/${uid}` },
      PATH: `${home}/.local/bin:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`,
      ...environment,
    };
    const variables = Object.entries(login).map(([key, value]) => `${key}=${value}`);
    const as = uid === 0 ? [] : ["runuser", "-u", name, "--"];
    return ["-t", String(this.init()), "-a", ...as, "env", "-i", "-C", home, ...variables];
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
