import { type ChildProcess, execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { rmSync } from "node:fs";
import { connect, createServer, type Server } from "node:net";

const program = `
  const { connect, createServer } = require("node:net");
  const [, socket, port] = process.argv;
  const server = createServer((here) => {
    const there = connect(socket);
    for (const [one, other] of [[here, there], [there, here]]) one.on("error", () => other.destroy()).pipe(other);
  });
  server.listen(Number(port), "127.0.0.1", () => console.log("ready"));
`;

/** Lets programs in other network namespaces reach a port of this one's loopback at the same port of theirs. */
export class Relay {
  private readonly children: ChildProcess[] = [];
  private server: Server | undefined;

  constructor(
    private readonly socket: string,
    private readonly port: number,
  ) {}

  async into(namespace: string): Promise<void> {
    this.server ??= await this.serve();
    const line = [`--net=/var/run/netns/${namespace}`, process.execPath, "-e", program];
    const child = spawn("nsenter", [...line, this.socket, String(this.port)], {
      stdio: ["ignore", "pipe", "inherit"],
    });
    this.children.push(child);
    await once(child.stdout!, "data");
  }

  close(): void {
    for (const child of this.children) child.kill();
    this.server?.close();
    rmSync(this.socket, { force: true });
  }

  private async serve(): Promise<Server> {
    const server = createServer((here) => {
      const there = connect(this.port, "127.0.0.1");
      here.on("error", () => there.destroy()).pipe(there);
      there.on("error", () => here.destroy()).pipe(here);
    });
    server.listen(this.socket);
    await once(server, "listening");
    return server;
  }
}

/** Joins two network namespaces by a cable. @param ends each a namespace (none: this one), an interface, an address */
export function cable(
  ends: readonly (readonly [namespace: string | undefined, name: string, address: string])[],
): void {
  const [[, one] = [], [, other] = []] = ends;
  ip("link", "add", one!, "type", "veth", "peer", "name", other!);
  for (const [namespace, name, address] of ends) {
    if (namespace !== undefined) ip("link", "set", name, "netns", namespace);
    const within = namespace === undefined ? [] : ["-n", namespace];
    ip(...within, "address", "add", `${address}/24`, "dev", name);
    ip(...within, "link", "set", name, "up");
  }
}

/** Adds a network namespace, in which the loopback is up. */
export function addNamespace(name: string): void {
  ip("netns", "add", name);
  ip("-n", name, "link", "set", "lo", "up");
}

export function ip(...args: string[]): void {
  execFileSync("ip", args, { stdio: "pipe" });
}
