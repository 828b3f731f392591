import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { join } from "node:path";
import { createInterface } from "node:readline";
import type { Readable } from "node:stream";
import { withSocketFolder } from "../../core/files/temporary-folder";
import { installedProviders } from "../installed-providers";

/** The timeout for a provider to print its socket, in milliseconds. */
const patience = 10_000;

/**
 * A shell script that starts a program and kills it as soon as the script's own input ends: that happens however this process
 * ends.
 */
const keeper = '"$1" </dev/null & exec >&-; read -r line; kill -9 $!; wait';

/** The value that shows a provider that Terraform started it, not a person (plugin/serve.go of Terraform). */
const magicCookie = "d602bf8f470bc67ca7faa0386276bbdd4330efaf76d1a219cb4d6991ca9872b2";

interface Running {
  readonly process: ChildProcess;
  /** The entry in `TF_REATTACH_PROVIDERS`. Undefined if the provider did not start. */
  readonly reattach: Promise<object | undefined>;
  readonly ended: Promise<unknown>;
}

/**
 * Providers that several runs of Terraform use, one after the other. Terraform starts each provider three times in a plan, and
 * each time the provider builds its whole schema: a third of the processor time of both stacks' plans. Each run configures a
 * running provider again, as it does one that it starts (https://developer.hashicorp.com/terraform/plugin/debugging). Terraform
 * does not compare it with the checksum in the lock file, so plans are applied by providers that Terraform itself starts and
 * compares.
 */
export class SharedProviders {
  private readonly idle = new Map<string, Running[]>();
  private readonly all: Running[] = [];
  private readonly uses: Promise<unknown>[] = [];

  /** @param sockets an empty folder that only this user can enter */
  constructor(private readonly sockets: string) {}

  /**
   * Runs `work` with the variables that make Terraform use these providers.
   * @param folder the folder of an initialized stack
   * @param env Terraform's environment. If it requests a log, no variables are added, since the log contains only the output of
   * providers that Terraform starts
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

  /** Ends the providers once nobody uses them. */
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
    // A provider reads some of its configuration from its environment.
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
        // Only the provider itself keeps its output open.
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
        // Without a level, it writes every log line for Terraform to filter, which takes 10 % of its time.
        TF_LOG_SDK: "off",
      },
      stdio: ["pipe", "pipe", "ignore"],
      // Only Terraform handles a Ctrl-C of the terminal.
      detached: true,
    });
    const running = {
      process: child,
      reattach: firstLine(child.stdout).then((line) => reattachment(line, child.pid)),
      // If it cannot be started, Terraform starts its own and reports why.
      ended: once(child, "close").catch(() => {}),
    };
    this.all.push(running);
    return running;
  }
}

/** Runs `work` with shared providers, and ends them afterwards. */
export function withSharedProviders<T>(work: (providers: SharedProviders) => Promise<T>): Promise<T> {
  return withSocketFolder("providers", async (folder) => {
    const providers = new SharedProviders(folder);
    try {
      return await work(providers);
    } finally {
      await providers.end();
    }
  });
}

/** The first line of an output; undefined if it ends without one, or none comes in time. */
async function firstLine(output: Readable): Promise<string | undefined> {
  const lines = createInterface({ input: output });
  const signal = AbortSignal.timeout(patience);
  const first = Promise.race([once(lines, "line", { signal }), once(lines, "close", { signal })]);
  const [line] = await first.catch(() => []);
  return line;
}

/** The entry for Terraform from the line that a provider prints about its socket, "1|5|unix|/folder/socket|grpc". */
function reattachment(line: string | undefined, pid: number | undefined): object | undefined {
  const [, version, network, address, protocol] = line?.split("|") ?? [];
  if (!version || !address) return undefined;
  return {
    Protocol: protocol,
    ProtocolVersion: Number(version),
    Pid: pid,
    // Terraform must not end it.
    Test: true,
    Addr: { Network: network, String: address },
  };
}
