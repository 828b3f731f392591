import { spawn } from "node:child_process";
import { chmodSync, chownSync, cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { text } from "node:stream/consumers";
import type { Account } from "../../../lib/core/system/os-user";
import { program, type RunOutcome, type TestHost } from "./host";
import { type Answer, runOnTerminal, type TerminalOutcome } from "./terminal";

const root = resolve(__dirname, "../../..");

/**
 * A host on which root deploys and others run OpenClaw. Its users are in no file of the machine: what runs on it sees an
 * `/etc/passwd` and `/etc/group` of the test's own, and no other process of the machine's.
 */
export class HostOfTwoUsers {
  /** Everybody may enter it, as `/home`. */
  readonly place = mkdtempSync(join(tmpdir(), "openclaw-users-"));
  readonly alice = this.account("alice", 4301);
  readonly bob = this.account("bob", 4302);
  /** A copy of the program that everybody may read. */
  private readonly copy = join(this.place, "program");

  constructor(private readonly host: TestHost) {
    chmodSync(this.place, 0o755);
    this.setGroups();
    writeFileSync(
      join(this.place, "passwd"),
      [
        `root:x:0:0::${host.userHome}:/bin/sh`,
        ...[this.alice, this.bob].map(
          ({ name, uid, gid, home }) => `${name}:x:${uid}:${gid}::${home}:/bin/sh`,
        ),
        "",
      ].join("\n"),
      { mode: 0o644 },
    );
    for (const account of [this.alice, this.bob]) this.folder(account, account.home);
    for (const part of ["dist", "package.json", "bundle", "scripts/openclaw-openrouter.mjs"])
      cpSync(join(root, part), join(this.copy, part), { recursive: true });
  }

  private account(name: string, uid: number): Account {
    return { name, uid, gid: uid, home: join(this.place, name) };
  }

  /** @param docker who is in the group */
  setGroups(...docker: Account[]): void {
    const lines = [
      "root:x:0:",
      `docker:x:4399:${docker.map(({ name }) => name).join(",")}`,
      ...[this.alice, this.bob].map(({ name, gid }) => `${name}:x:${gid}:`),
    ];
    writeFileSync(join(this.place, "group"), `${lines.join("\n")}\n`, { mode: 0o644 });
  }

  /** Makes a folder of a user's. */
  folder({ uid, gid }: Account, path: string): string {
    mkdirSync(path, { mode: 0o700 });
    chownSync(path, uid, gid);
    return path;
  }

  /** Gives a user a configuration of the gateway's. */
  useOpenClaw(account: Account): void {
    const path = join(this.folder(account, join(account.home, ".openclaw")), "openclaw.json");
    writeFileSync(path, '{ "gateway": { "mode": "local" } }\n', { mode: 0o600 });
    chownSync(path, account.uid, account.gid);
  }

  /** The command line before a command that runs on this host. */
  private get within(): string[] {
    const binds = ["passwd", "group"].map((name) => `mount --bind ${join(this.place, name)} /etc/${name}`);
    const script = `${binds.join(" && ")} && ${this.gateway} exec "$@"`;
    const apart = ["--mount", "--pid", "--fork", "--mount-proc", "--kill-child"];
    return ["unshare", ...apart, "sh", "-c", script, "sh"];
  }

  /** Whose gateway runs on this host. It ends with the command that it runs beside. */
  gatewayOf: Account | undefined;

  private get gateway(): string {
    if (!this.gatewayOf) return "";
    const { uid, gid } = this.gatewayOf;
    const title = "openclaw-gateway";
    const rights = `setpriv --reuid ${uid} --regid ${gid} --clear-groups`;
    return `{ ${rights} bash -c "exec -a ${title} sleep 600" & } && until grep -aqs "^${title}" /proc/[0-9]*/cmdline; do :; done;`;
  }

  /** Where root's instances are told to everybody: the test's own folders are root's alone. */
  get publicFolder(): string {
    return join(this.place, "public");
  }

  /** Runs a command as root. */
  run(args: readonly string[], extra: NodeJS.ProcessEnv = {}): Promise<RunOutcome> {
    return this.start(
      [process.execPath, program, ...args],
      this.host.environment({ ...this.shared, ...extra }),
    );
  }

  /** Runs it and expects that it succeeds. */
  async mustRun(args: readonly string[]): Promise<RunOutcome> {
    const outcome = await this.run(args);
    if (outcome.code !== 0)
      throw new Error(`${args.join(" ")} ended with ${outcome.code}:\n${outcome.stderr}`);
    return outcome;
  }

  /** Runs a command as root on a terminal. */
  runOnTerminal(args: readonly string[], answers: readonly Answer[]): Promise<TerminalOutcome> {
    return runOnTerminal(this.host, args, answers, { within: this.within, extra: this.shared });
  }

  /** Runs a command as another user. */
  runAs({ uid, gid, home }: Account, args: readonly string[]): Promise<RunOutcome> {
    const rights = ["setpriv", "--reuid", String(uid), "--regid", String(gid), "--clear-groups"];
    const copy = join(this.copy, "scripts/openclaw-openrouter.mjs");
    const env = { PATH: process.env.PATH, HOME: home, ...this.shared };
    return this.start([...rights, process.execPath, copy, ...args], env);
  }

  private get shared() {
    return { OPENCLAW_OPENROUTER_PUBLIC: this.publicFolder };
  }

  private async start(command: readonly string[], env: NodeJS.ProcessEnv): Promise<RunOutcome> {
    const [first = "", ...args] = [...this.within, ...command];
    const child = spawn(first, args, { cwd: this.place, env, stdio: ["ignore", "pipe", "pipe"] });
    const ended = new Promise<number | null>((done, fail) => child.once("error", fail).once("exit", done));
    const [code, stdout, stderr] = await Promise.all([ended, text(child.stdout), text(child.stderr)]);
    return { code, stdout, stderr };
  }

  remove(): void {
    rmSync(this.place, { recursive: true, force: true });
  }
}
