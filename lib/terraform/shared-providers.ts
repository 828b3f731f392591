import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { installedProviders } from "./installed-providers";

/** How long a provider may take until it says where it listens, in milliseconds. */
const patience = 10_000;

/** Starts a program, and ends it as soon as its own input ends: with this process, however that came to its end. */
const keeper = '"$1" </dev/null & exec >&-; read -r line; kill -9 $!; wait';

/** By which a provider knows that Terraform, and no person, started it (plugin/serve.go of Terraform). */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

interface Running {
  readonly process: ChildProcess;
  /** How Terraform reaches it, as `TF_REATTACH_PROVIDERS` wants it. Undefined where it did not start. */
  readonly reattach: Promise<object | undefined>;
  readonly ended: Promise<unknown>;
}

/**
 * Providers that several runs of Terraform use, one after the other. Terraform starts each of its providers three times in a
 * plan, and each of them makes its whole schema again: a third of the processor time of both stacks' plans. A provider that
 * Terraform finds running is configured again by each run, as one is that it started
 * (https://developer.hashicorp.com/terraform/plugin/debugging). Terraform does not compare it with the checksum in the lock:
 * what is planned is applied by providers that Terraform started and compared.
 */
export class SharedProviders {
  private readonly idle = new Map<string, Running[]>();
  private readonly all: Running[] = [];
  private readonly uses: Promise<unknown>[] = [];

  /** @param sockets an empty folder of this user alone */
  constructor(private readonly sockets: string) {}

  /**
   * Does something with what is to be added to Terraform's environment, so that it uses these providers.
   * @param folder the stack's, which is initialised
   * @param env Terraform's. Nothing is added where it asks for a log, which holds what Terraform's own providers say
   */
  lend<T>(
    folder: string,
    env: Readonly<Record<string, string>>,
    work: (added: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    if (env.TF_LOG || env.TF_LOG_PROVIDER) return work({});
    const use = this.use(folder, env, work);
    this.uses.push(use);
    return use;
  }

  /** Ends them, once nobody uses them. */
  async end(): Promise<void> {
    await Promise.allSettled(this.uses);
    for (const { process } of this.all) process.stdin?.end();
    await Promise.all(this.all.map(({ ended }) => ended));
  }

  private async use<T>(
    folder: string,
    env: Readonly<Record<string, string>>,
    work: (added: Record<string, string>) => Promise<T>,
  ): Promise<T> {
    // Some of what a provider is not told by a stack it takes from its environment.
    const own = Object.fromEntries(Object.entries(env).filter(([name]) => !name.startsWith("TF_")));
    const lent = installedProviders(folder, env.TF_DATA_DIR ?? join(folder, ".terraform")).map(
      ({ address, executable }) => {
        const key = JSON.stringify([executable, own]);
        return { address, key, provider: this.idle.get(key)?.pop() ?? this.start(executable, own) };
      },
    );
    try {
      const reached = await Promise.all(
        lent.map(async ({ address, provider }) => [address, await provider.reattach] as const),
      );
      const reattach = Object.fromEntries(reached.filter(([, how]) => how));
      return await work({ TF_REATTACH_PROVIDERS: JSON.stringify(reattach) });
    } finally {
      for (const { key, provider } of lent) {
        // Only the provider itself holds it open.
        const isAlive = !provider.process.stdout?.readableEnded;
        if (isAlive) this.idle.set(key, [...(this.idle.get(key) ?? []), provider]);
      }
    }
  }

  private start(executable: string, env: Readonly<Record<string, string>>): Running {
    const child = spawn("/bin/sh", ["-c", keeper, "sh", executable], {
      env: {
        ...env,
        TMPDIR: this.sockets,
        TF_PLUGIN_MAGIC_COOKIE: magicCookie,
        PLUGIN_PROTOCOL_VERSIONS: "5,6",
        // Without a level, it writes all that it could log, which takes a tenth of its time, and leaves the choice to Terraform.
        TF_LOG_SDK: "off",
      },
      stdio: ["pipe", "pipe", "ignore"],
      // A terminal's Ctrl-C is Terraform's to answer.
      detached: true,
    });
    const running = {
      process: child,
      reattach: firstLine(child.stdout).then((line) => reattachment(line, child.pid)),
      // One that cannot be started is left to Terraform, which tells why.
      ended: once(child, "close").catch(() => {}),
    };
    this.all.push(running);
    return running;
  }
}

/** Does something with providers that end with it. */
export function withSharedProviders<T>(work: (providers: SharedProviders) => Promise<T>): Promise<T> {
  return withTemporaryFolder("providers", async (folder) => {
    const providers = new SharedProviders(folder);
    try {
      return await work(providers);
    } finally {
      await providers.end();
    }
  });
}

/** The first line of an output; undefined where it ends without one, or none comes. */
async function firstLine(output: Readable): Promise<string | undefined> {
  const lines = createInterface({ input: output });
  const signal = AbortSignal.timeout(patience);
  const first = Promise.race([once(lines, "line", { signal }), once(lines, "close", { signal })]);
  const [line] = await first.catch(() => []);
  return line;
}

/** What a provider says of where it listens, "1|5|unix|/folder/socket|grpc", as Terraform takes it. */
function reattachment(line: string | undefined, pid: number | undefined): object | undefined {
  const [, version, network, address, protocol] = line?.split("|") ?? [];
  if (!version || !address) return undefined;
  return {
    Protocol: protocol,
    ProtocolVersion: Number(version),
    Pid: pid,
    // It is not Terraform's to end.
    Test: true,
    Addr: { Network: network, String: address },
  };
}
