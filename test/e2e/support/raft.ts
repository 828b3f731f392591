import { type ChildProcess, spawn } from "node:child_process";
import { mkdirSync, openSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { openBundle, partFile } from "../../../lib/bundle/bundle";
import { poll } from "../../../lib/core/poll";
import { VaultClient } from "../../../lib/vault/client";
import { waitForVault } from "../../../lib/vault/wait";
import { makeCertificate, type TestCertificate } from "../../support/certificate";
import type { Machine, TestNetwork } from "./network";
import { SlowWays } from "./slow-ways";

const initAnswer = z.object({ keys_base64: z.array(z.string()), root_token: z.string() });
const leaderAnswer = z.object({ is_self: z.boolean(), ha_enabled: z.boolean() });
const autopilotAnswer = z.object({
  data: z.object({ servers: z.record(z.string(), z.object({ healthy: z.boolean(), status: z.string() })) }),
});
const json = z.any();

/** A server of the cluster. */
interface Node {
  readonly number: number;
  readonly machine: Machine;
  /** Where clients and the other servers reach it: by the slow way, if there is one. */
  readonly address: string;
  readonly client: VaultClient;
  process?: ChildProcess;
}

/** Vault as a team runs it: three servers of a raft, each on a machine of its own, with TLS, set up by hand. */
export class RaftVault {
  readonly nodes: Node[] = [];
  readonly certificate: TestCertificate;
  rootToken = "";
  private share = "";
  private readonly ways: SlowWays;

  /** @param roundTrip between any two of them, and to their clients, in milliseconds. @default no delay */
  constructor(
    private readonly folder: string,
    network: TestNetwork,
    roundTrip = 0,
  ) {
    mkdirSync(folder);
    this.ways = new SlowWays(folder, roundTrip);
    const machines = [1, 2, 3].map(() => network.addMachine());
    const names = [network.address, ...machines.map(({ address }) => address)].map((each) => `IP:${each}`);
    this.certificate = makeCertificate(folder, "raft", { names: `${names.join(",")},DNS:localhost` });
    for (const [index, machine] of machines.entries()) {
      const number = index + 1;
      const [host, port] = roundTrip > 0 ? [network.address, 8200 + number * 10] : [machine.address, 8200];
      if (roundTrip > 0)
        for (const each of [0, 1])
          this.ways.add({ host, port: port + each }, { host: machine.address, port: 8200 + each });
      const address = `https://${host}:${port}`;
      const client = VaultClient.at({ address, caFile: this.certificate.caFile });
      this.nodes.push({ number, machine, address, client });
    }
  }

  get addresses(): string[] {
    return this.nodes.map(({ address }) => address);
  }

  async start(): Promise<void> {
    await this.ways.start();
    for (const node of this.nodes) this.run(node);
    const [first] = this.nodes;
    await waitForVault(first!.client);
    const init = await first!.client.call(
      { method: "POST", path: "sys/init", body: { secret_shares: 1, secret_threshold: 1 } },
      initAnswer,
    );
    this.share = init.keys_base64[0] ?? "";
    this.rootToken = init.root_token;
    for (const node of this.nodes) await this.unseal(node);
    await this.leader();
  }

  get root(): VaultClient {
    return this.nodes[0]!.client.withToken(this.rootToken);
  }

  /** The server that is active now, once there is one. */
  async leader(): Promise<Node> {
    const found = await poll(() => this.activeNow(), { every: 50, timeout: 60_000 });
    if (!found) throw new Error("no server of the raft is active");
    return found;
  }

  private async activeNow(): Promise<Node | undefined> {
    const running = this.nodes.filter(({ process }) => process);
    const asked = running.map(async (node) => {
      const answer = await node.client.call({ path: "sys/leader" }, leaderAnswer).catch(() => undefined);
      const isActive = await node.client.call({ path: "sys/health" }, json).then(
        () => true,
        () => false,
      );
      return answer?.is_self && isActive ? node : undefined;
    });
    return (await Promise.all(asked)).find(Boolean);
  }

  /** Waits until all servers have the data, so that any of them can become active. */
  async settled(): Promise<void> {
    const leader = await this.leader();
    const healthy = await poll(
      async () => {
        const answer = await leader.client
          .withToken(this.rootToken)
          .call({ path: "sys/storage/raft/autopilot/state" }, autopilotAnswer)
          .catch(() => undefined);
        const servers = Object.values(answer?.data.servers ?? {});
        const isWell =
          servers.length === 3 && servers.every((each) => each.healthy && each.status !== "non-voter");
        return isWell || undefined;
      },
      { every: 200, timeout: 120_000 },
    );
    if (!healthy) throw new Error("the raft did not settle");
  }

  /** As a power cut does. */
  async kill(node: Node): Promise<void> {
    const { process } = node;
    if (!process) return;
    delete node.process;
    const ended = new Promise((resolve) => process.once("exit", resolve));
    process.kill("SIGKILL");
    await ended;
  }

  async startAgain(node: Node): Promise<void> {
    this.run(node);
    await this.unseal(node);
  }

  async stop(): Promise<void> {
    for (const node of this.nodes) await this.kill(node);
    this.ways.stop();
  }

  private run(node: Node): void {
    const { number, machine, address } = node;
    const folder = join(this.folder, `node-${number}`);
    mkdirSync(join(folder, "data"), { recursive: true });
    const { certificateFile, keyFile, caFile } = this.certificate;
    const cluster = new URL(address);
    const others = this.nodes.filter((each) => each !== node);
    const config = {
      storage: {
        raft: {
          ...{ path: join(folder, "data"), node_id: `node${number}`, performance_multiplier: 1 },
          retry_join: others.map((each) => ({ leader_api_addr: each.address, leader_ca_cert_file: caFile })),
        },
      },
      listener: [
        {
          tcp: {
            ...{ address: `${machine.address}:8200`, cluster_address: `${machine.address}:8201` },
            ...{ tls_cert_file: certificateFile, tls_key_file: keyFile },
          },
        },
      ],
      ...{ api_addr: address, cluster_addr: `https://${cluster.hostname}:${Number(cluster.port) + 1}` },
      ...{ disable_mlock: true, ui: false },
    };
    const file = join(folder, "config.json");
    writeFileSync(file, JSON.stringify(config));
    const log = openSync(join(folder, "log"), "a");
    const [command = "", ...args] = [
      ...machine.inside,
      partFile(openBundle(), "vault"),
      "server",
      `-config=${file}`,
    ];
    node.process = spawn(command, args, { stdio: ["ignore", log, log], env: { PATH: process.env.PATH } });
  }

  private async unseal({ client, number }: Node): Promise<void> {
    await waitForVault(client);
    const isOpen = await poll(
      async () => {
        const body = { key: this.share };
        const answer = await client
          .call({ method: "POST", path: "sys/unseal", body }, z.object({ sealed: z.boolean() }))
          // Until it has found the others, it takes no share.
          .catch(() => undefined);
        return answer?.sealed === false || undefined;
      },
      { every: 200, timeout: 60_000 },
    );
    if (!isOpen) throw new Error(`node ${number} of the raft is sealed`);
  }
}
