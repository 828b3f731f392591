import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { appendFileSync, chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { poll } from "../../../lib/core/poll";
import { describeUnless } from "../../support/skip";

const sshd = process.env.TEST_SSHD;

/** Tests that reach hosts by ssh: skipped where OpenSSH's server cannot be had, as the runner says. */
export const describeWithSsh = describeUnless(sshd ? undefined : "OpenSSH's server cannot be had");

export interface SshServerProps {
  readonly name: string;
  readonly address: string;
  readonly port: number;
  /** The environment of a login: at least HOME and PATH. */
  readonly environment: Readonly<Record<string, string>>;
  /** The command line before the server's, such as nsenter's. @default none */
  readonly before?: readonly string[];
  /** What runs instead of what the client asks for. @default nothing */
  readonly command?: string;
  /** Whether the client's key may log in. @default true */
  readonly letsIn?: boolean;
  /** Whether the client knows its key. @default true */
  readonly isKnown?: boolean;
}

/** A person's ssh: a key, a configuration and known hosts of their own, in a folder, behind the real client. */
export class SshClient {
  readonly bin: string;
  private readonly config: string;
  private readonly key: string;

  constructor(readonly folder: string) {
    mkdirSync(folder, { mode: 0o700 });
    this.config = join(folder, "config");
    this.key = join(folder, "id");
    makeKey(this.key);
    this.bin = join(folder, "bin");
    mkdirSync(this.bin);
    const known = `-o UserKnownHostsFile=${join(folder, "known_hosts")} -o StrictHostKeyChecking=ask`;
    writeFileSync(this.config, "");
    const client = execFileSync("sh", ["-c", "command -v ssh"], { encoding: "utf8" }).trim();
    // The client reads a person's configuration by their entry in the accounts, not by HOME.
    writeFileSync(join(this.bin, "ssh"), `#!/bin/sh\nexec ${client} -F ${this.config} ${known} "$@"\n`);
    chmodSync(join(this.bin, "ssh"), 0o755);
  }

  get publicKey(): string {
    return readFileSync(`${this.key}.pub`, "utf8");
  }

  add({ name, address, port, isKnown = true }: SshServerProps, hostKey: string): void {
    const lines = [
      `Host ${name}`,
      `HostName ${address}`,
      `Port ${port}`,
      "User root",
      `IdentityFile ${this.key}`,
    ];
    appendFileSync(this.config, `${lines.join("\n  ")}\n  IdentitiesOnly yes\n`);
    if (isKnown)
      appendFileSync(
        join(this.folder, "known_hosts"),
        `[${address}]:${port} ${hostKey}${port === 22 ? `${address} ${hostKey}` : ""}`,
      );
  }
}

/** OpenSSH's server as a host runs it. Whoever logs in is root, with an environment of the host's own. */
export class SshServer {
  private process: ChildProcess | undefined;
  private readonly folder: string;

  constructor(
    private readonly client: SshClient,
    private readonly props: SshServerProps,
  ) {
    this.folder = join(client.folder, props.name);
  }

  async start(): Promise<void> {
    const { address, port, environment, command, letsIn = true, before = [] } = this.props;
    mkdirSync(this.folder);
    mkdirSync("/run/sshd", { recursive: true });
    const hostKey = join(this.folder, "host_key");
    makeKey(hostKey);
    writeFileSync(join(this.folder, "authorized_keys"), letsIn ? this.client.publicKey : "");
    const variables = Object.entries(environment).map(([name, value]) => `"${name}=${value}"`);
    const config = [
      ...[`ListenAddress ${address}`, `Port ${port}`, `HostKey ${hostKey}`, "PidFile none", "UsePAM no"],
      ...[`AuthorizedKeysFile ${join(this.folder, "authorized_keys")}`, "StrictModes no"],
      ...[
        "PermitRootLogin prohibit-password",
        "PasswordAuthentication no",
        "KbdInteractiveAuthentication no",
      ],
      ...[
        "MaxStartups 100",
        `SetEnv ${variables.join(" ")}`,
        ...(command ? [`ForceCommand ${command}`] : []),
      ],
      "Subsystem sftp internal-sftp",
    ];
    writeFileSync(join(this.folder, "config"), `${config.join("\n")}\n`);
    this.client.add(this.props, readFileSync(`${hostKey}.pub`, "utf8"));
    const [program = "", ...args] = [...before, sshd ?? "", "-D", "-e", "-f", join(this.folder, "config")];
    let said = "";
    this.process = spawn(program, args, { stdio: ["ignore", "ignore", "pipe"] });
    this.process.stderr?.setEncoding("utf8").on("data", (text: string) => {
      said = (said + text).slice(-2000);
    });
    if (!(await poll(() => answers(address, port), { every: 50, timeout: 20_000 })))
      throw new Error(`${this.props.name}: its ssh server did not start:\n${said}`);
  }

  get pid(): number {
    return this.process?.pid ?? 0;
  }

  stop(): void {
    this.process?.kill("SIGTERM");
  }
}

function makeKey(file: string): void {
  execFileSync("ssh-keygen", ["-q", "-t", "ed25519", "-N", "", "-C", "test", "-f", file]);
}

async function answers(address: string, port: number): Promise<true | undefined> {
  return new Promise((resolve) => {
    const socket = connect(port, address);
    socket.once("data", () => resolve(true));
    socket.once("error", () => resolve(undefined));
    socket.once("close", () => resolve(undefined));
    socket.setTimeout(2000, () => socket.destroy());
  }).then((seen) => seen as true | undefined);
}
