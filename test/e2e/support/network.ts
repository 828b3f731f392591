import { execFileSync } from "node:child_process";
import { ip } from "./other-machine";

/** A machine's network: a namespace with one address, on a bridge that joins all of a test. */
export interface Machine {
  readonly address: string;
  /** The command line before a command that is to run there. */
  readonly inside: readonly string[];
}

let count = 0;

/** Several machines and this one, which reach each other and nothing else. */
export class TestNetwork {
  /** Of this machine. */
  readonly address: string;
  private readonly name = `${process.env.TEST_NAMESPACE}-net${++count}`;
  private readonly subnet = `10.${88 + count}`;
  private readonly bridge = `br${count}`;
  private readonly namespaces: string[] = [];

  constructor() {
    this.address = `${this.subnet}.0.1`;
    ip("link", "add", this.bridge, "type", "bridge");
    ip("address", "add", `${this.address}/16`, "dev", this.bridge);
    ip("link", "set", this.bridge, "up");
  }

  addMachine(): Machine {
    const number = this.namespaces.length + 2;
    const namespace = `${this.name}-${number}`;
    const address = `${this.subnet}.${number >> 8}.${number & 255}`;
    const [here, there] = [`v${count}-${number}`, "eth0"];
    ip("netns", "add", namespace);
    this.namespaces.push(namespace);
    ip("link", "add", here, "type", "veth", "peer", "name", there, "netns", namespace);
    ip("link", "set", here, "master", this.bridge, "up");
    ip("-n", namespace, "address", "add", `${address}/16`, "dev", there);
    ip("-n", namespace, "link", "set", there, "up");
    ip("-n", namespace, "link", "set", "lo", "up");
    return { address, inside: ["nsenter", `--net=/var/run/netns/${namespace}`] };
  }

  /** Has a port of a machine's loopback lead to one of this machine: some addresses may be plain HTTP on a loopback alone. */
  forward({ inside }: Machine, port: number, to: number): void {
    const run = (...command: string[]) =>
      execFileSync(inside[0] ?? "", [...inside.slice(1), ...command], { stdio: "pipe" });
    run("sysctl", "-qw", "net.ipv4.conf.all.route_localnet=1");
    const [nat, by] = ["iptables -w -t nat -A", `--to-destination ${this.address}:${to}`];
    run("sh", "-c", `${nat} OUTPUT -d 127.0.0.1 -p tcp --dport ${port} -j DNAT ${by}`);
    run("sh", "-c", `${nat} POSTROUTING -d ${this.address} -j MASQUERADE`);
  }

  remove(): void {
    for (const namespace of this.namespaces) ip("netns", "delete", namespace);
    ip("link", "delete", this.bridge);
  }
}
