import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostNames } from "../../lib/model/hosts";
import { parseInvitation, renderInvitation } from "../../lib/model/invitation";
import { guideNames, secretApiPath } from "../../lib/model/vault/vault-names";
import { hostsReport } from "../../lib/report/hosts-report";
import { type Credential, readCredential } from "../../lib/store/credentials";
import { type VaultClient, VaultFailure } from "../../lib/vault/client";
import { logInWith } from "../../lib/vault/log-in";
import { program, type RunOutcome, TestHost } from "./support/host";
import { type Machine, TestNetwork } from "./support/network";
import { type LocalOpenRouter, localOpenRouterAt, newKey } from "./support/openrouter";
import { reads } from "./support/other-hosts";
import { pathWithout } from "./support/path-without";
import { RaftVault } from "./support/raft";
import { Reader } from "./support/reader";
import { SlowWays } from "./support/slow-ways";
import { describeWithSsh, SshClient, SshServer } from "./support/ssh-server";

/** How many hosts join: a sample of a few, or all of `npm run test:many`. */
const many = Number(process.env.TEST_MANY ?? 0);
const count = many || 3;
const killed = many > 0 ? 20 : 2;
/** Between the servers and to them, in milliseconds. */
const roundTrips = many > 0 ? [1, 20] : [1];

jest.setTimeout(3_600_000);

/** Where OpenRouter's answer takes 50 ms: the port that a machine reaches by its own loopback, and that of the slow way. */
const openRouterPort = 18395;
const slowPort = 19000;

/** Many hosts, each a machine without an engine, on a Vault of three servers that nobody's instance runs. */
describe.each(roundTrips)("many hosts on a raft of three servers, a round trip of %i ms", (roundTrip) => {
  const host = new TestHost();
  const network = new TestNetwork();
  const raft = new RaftVault(join(host.folder, "raft"), network, roundTrip);
  const slow = new SlowWays(host.folder, 50);
  const names = Array.from(
    { length: roundTrip === roundTrips[0] ? count : 3 },
    (_, index) => `host-${index + 1}`,
  );
  const keys = new Map([...names, "robbed", "vault"].map((name) => [name, newKey()]));
  const machines = new Map<string, Machine>();
  const tokenFile = join(host.folder, "token");
  const figures: string[] = [];
  let openrouter: LocalOpenRouter;
  let path = "";

  beforeAll(async () => {
    openrouter = await localOpenRouterAt(openRouterPort, ...keys.values());
    slow.add({ host: network.address, port: slowPort }, { host: "127.0.0.1", port: openRouterPort });
    await slow.start();
    await raft.start();
    await raft.root.write("sys/mounts/secret", { type: "kv", options: { version: "2" } });
    writeFileSync(tokenFile, raft.rootToken, { mode: 0o600 });
    path = `${join(host.folder, "bin")}:${pathWithout(host, "docker", "terraform", "tofu", "go")}`;
    host.writeSettings("default", {
      vault: { address: raft.addresses, caFile: raft.certificate.caFile },
      openrouter: { baseUrl: openrouter.baseUrl },
    });
    await host.mustRun(["up", "--admin-token-file", tokenFile], { OPENROUTER_API_KEY: keys.get("vault") });
  });
  afterAll(async () => {
    process.stderr.write(`\n${figures.join("\n")}\n`);
    slow.stop();
    await raft.stop();
    await openrouter.close();
    network.remove();
    host.remove();
  });

  const dataPath = (name: string) => secretApiPath("data", hostNames(guideNames, name).keyPath);
  const homeOf = (name: string) => join(host.folder, "others", name);
  const environmentOf = (name: string): Record<string, string> => ({
    ...{ HOME: homeOf(name), PATH: path, LANG: "C.UTF-8" },
    OPENCLAW_OPENROUTER_PUBLIC: join(homeOf(name), "public"),
    OPENCLAW_OPENROUTER_INSTALL: join(homeOf(name), "installed"),
  });
  const invite = async (name: string) => {
    const args = ["host", "invite", name, "--any-address", "--key-stdin", "--admin-token-file", tokenFile];
    return (await host.mustRun(args, {}, keys.get(name))).stdout.trim();
  };
  function machineOf(name: string): Machine {
    const machine = machines.get(name) ?? network.addMachine();
    if (!machines.has(name)) network.forward(machine, openRouterPort, slowPort);
    machines.set(name, machine);
    return machine;
  }
  /** Runs the program on a host's own machine. */
  function on(name: string, args: readonly string[], input = ""): Promise<RunOutcome> {
    mkdirSync(homeOf(name), { recursive: true });
    const [command = "", ...before] = [...machineOf(name).inside, process.execPath, program];
    const environment = { ...environmentOf(name), DOCKER_HOST: undefined };
    return host.startCommand(command, [...before, ...args], environment, input).outcome;
  }
  const credentialOf = (name: string) => {
    const credentials = (id: string) => join(homeOf(name), ".openclaw-openrouter/default/credentials", id);
    return readCredential({ credentials } as never, "reader") as Credential;
  };
  async function clientOf(name: string): Promise<VaultClient> {
    const client = await logInWith(raft.nodes[0]!.client, credentialOf(name));
    if (client instanceof VaultFailure) throw client;
    return client;
  }
  const readerOf = (name: string) => {
    const folder = join(homeOf(name), ".openclaw/openclaw-openrouter");
    const { keyPath } = hostNames(guideNames, name);
    const { caFile } = raft.certificate;
    return new Reader({ program: join(folder, "resolver.cjs"), addresses: raft.addresses, caFile, keyPath });
  };

  let readers: readonly Reader[] = [];
  const read = (hosts: readonly string[]) => {
    readers = hosts.map(readerOf);
    for (const reader of readers) reader.start();
  };
  afterEach(async () => {
    await Promise.all(readers.map((reader) => reader.abandon()));
    readers = [];
  });

  test("all are invited and join, each from a machine of its own", async () => {
    const times: number[] = [];
    for (const name of names) {
      const invitation = await invite(name);
      machineOf(name);
      const begin = performance.now();
      const { code, stderr } = await on(name, ["host", "join"], invitation);
      times.push(performance.now() - begin);
      expect([name, code, code === 0 ? "" : stderr]).toEqual([name, 0, ""]);
    }
    figures.push(`${names.length} joins, OpenRouter 50 ms away: ${spread(times)}`);
  });

  test("no host reads another's key, whichever server it asks", async () => {
    const found: string[] = [];
    for (const name of names) {
      const client = await clientOf(name);
      const readable = await Promise.all(names.map((other) => reads(client, dataPath(other))));
      found.push(...names.filter((_, index) => readable[index]).map((other) => `${name} ${other}`));
      for (const { client: server } of raft.nodes.slice(1)) {
        const there = await logInWith(server, credentialOf(name));
        if (await reads(there as VaultClient, dataPath(names.find((other) => other !== name) ?? "")))
          found.push(`${name} another's by another server`);
      }
      if (await reads(client, "secret/data/openrouter")) found.push(`${name} the instance's own`);
    }
    figures.push(`${names.length ** 2} paths tried, ${found.length} readable`);
    expect(found).toEqual(names.map((name) => `${name} ${name}`));
  });

  test("an invitation that was used, altered or is late joins nobody, and a theft is named", async () => {
    const invitation = await invite("robbed");
    const whole = parseInvitation(invitation);
    if ("problem" in whole) throw new Error(whole.problem);
    const other = (letter: string) => (letter === "X" ? "Y" : "X");
    const tries = [
      [renderInvitation({ ...whole, role: "openclaw-deployer" }), "something else than"],
      // In its end is what names it: the begin is a signature, which only Enterprise's standbys verify, and the last letter has padding.
      [renderInvitation({ ...whole, token: whole.token.replace(/.(?=.{8}$)/, other) }), "was used before"],
      [invitation.slice(0, -10), "a part of it is missing"],
    ] as const;
    for (const [altered, says] of tries) {
      const { code, stderr } = await on("thief", ["host", "join"], altered);
      expect([code === 0, stderr]).toEqual([false, expect.stringContaining(says)]);
    }
    expect((await on("thief", ["host", "join"], invitation)).code).toBe(0);
    const robbed = await on("robbed", ["host", "join"], invitation);
    expect(robbed).toMatchObject({ code: 1, stderr: expect.stringContaining("host evict robbed") });
    await host.mustRun(["host", "evict", "robbed", "--yes", "--admin-token-file", tokenFile]);
    expect(await logInWith(raft.nodes[0]!.client, credentialOf("thief"))).toMatchObject({ status: 400 });
  });

  describeWithSsh("by ssh", () => {
    const servers: SshServer[] = [];
    afterAll(() => {
      for (const server of servers) server.stop();
    });

    test("some of them are seen as one", async () => {
      const seen = names.slice(0, 20);
      const client = new SshClient(join(host.folder, "person"));
      for (const name of seen) {
        const { address, inside } = machineOf(name);
        const server = new SshServer(client, {
          ...{ name, address, port: 22, environment: environmentOf(name) },
          before: inside,
        });
        await server.start();
        servers.push(server);
      }
      const list = join(host.folder, "list");
      writeFileSync(list, seen.join("\n"));
      for (const args of [["status"], ["check", "--no-spend"], ["drift"]]) {
        const before = { hosts: cpuOf(servers), person: cpuOfChildren() };
        const environment = { PATH: `${client.bin}:${process.env.PATH}` };
        const { code, stdout, stderr } = await host.run([...args, "--hosts", list, "--json"], environment);
        expect([args, code, code === 0 ? "" : stderr]).toEqual([args, 0, ""]);
        const report = hostsReport.parse(JSON.parse(stdout));
        const each = (seconds: number) => (seconds / seen.length).toFixed(2);
        figures.push(
          `${args[0]} of ${seen.length} hosts by ssh, 10 at once: ${(report.durationMs / 1000).toFixed(1)} s; CPU a host: there ${each(cpuOf(servers) - before.hosts)} s, here ${each(cpuOfChildren() - before.person)} s`,
        );
      }
    });
  });

  test("one that is evicted while it reads loses its token, and the others read on", async () => {
    const [evicted = "", ...others] = names;
    read(others.slice(0, 5));
    const client = await clientOf(evicted);
    const begin = performance.now();
    const running = host.run(["host", "evict", evicted, "--yes", "--admin-token-file", tokenFile]);
    while (await reads(client, dataPath(evicted))) await new Promise(setImmediate);
    const seconds = (performance.now() - begin) / 1000;
    figures.push(`evicted: its token was dead ${seconds.toFixed(1)} s after the command began`);
    expect((await running).code).toBe(0);
    for (const reader of readers) await reader.stop();
    expect(readers.flatMap(({ failures }) => failures)).toEqual([]);
    for (const name of others)
      expect([name, await reads(await clientOf(name), dataPath(name))]).toEqual([name, true]);
  });

  test("the active server is killed under readers: each read gets its key, from the next", async () => {
    const [, ...others] = names;
    read(others.slice(0, 5));
    const elections: number[] = [];
    for (let time = 0; time < killed; time++) {
      const leader = await raft.leader();
      const begin = performance.now();
      await raft.kill(leader);
      await raft.leader();
      elections.push(performance.now() - begin);
      await raft.startAgain(leader);
      await raft.settled();
    }
    for (const reader of readers) await reader.stop();
    const outages = readers.flatMap((reader) => reader.outages);
    const all = readers.flatMap(({ times }) => times);
    figures.push(
      `the active server killed ${killed} times under ${readers.length} readers, ${roundTrip} ms: until another was active ${spread(elections)}`,
      `  reads: ${all.length}, 99th percentile ${seconds(percentile(all, 0.99))}; without a key: ${outages.length} times, ${spread(outages)}, 99th percentile ${seconds(percentile(outages, 0.99))}`,
    );
    expect(elections).toHaveLength(killed);
    // A read waits for an election, for 10 s at most; a starved machine elects longer.
    expect(Math.max(...elections) < 8000 ? readers.flatMap(({ failures }) => failures) : []).toEqual([]);
  });
});

const seconds = (time: number) => `${(time / 1000).toFixed(2)} s`;

function percentile(times: readonly number[], part: number): number {
  const sorted = times.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * part))] ?? 0;
}

function spread(times: readonly number[]): string {
  return `median ${seconds(percentile(times, 0.5))}, longest ${seconds(Math.max(0, ...times))}`;
}

/** The processor seconds of the ended children of some servers, by the kernel's count. */
function cpuOf(servers: readonly SshServer[]): number {
  return servers.reduce((sum, { pid }) => sum + endedChildren(String(pid)), 0);
}

function cpuOfChildren(): number {
  return endedChildren("self");
}

function endedChildren(pid: string): number {
  const fields = readFileSync(`/proc/${pid}/stat`, "utf8").split(") ")[1]?.split(" ") ?? [];
  // cutime and cstime, in hundredths.
  return (Number(fields[13]) + Number(fields[14])) / 100;
}
