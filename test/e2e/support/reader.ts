import { spawn } from "node:child_process";
import { text } from "node:stream/consumers";
import { setTimeout as sleep } from "node:timers/promises";
import { attempt } from "../../../lib/core/attempt";

/** How a host's resolver is run. */
export interface ResolverProps {
  /** OpenClaw's resolver, beside its credential. */
  readonly program: string;
  /** All of Vault's addresses. */
  readonly addresses: readonly string[];
  readonly caFile: string;
  /** The path of the key, as people write it. */
  readonly keyPath: string;
}

const id = "openrouter/api_key";

/** A gateway that reads its key again and again, by its resolver. */
export class Reader {
  /** How long it got no key each time that it got none: from the begin of the first read that failed, in milliseconds. */
  readonly outages: number[] = [];
  /** How long each read that gave the key took, in milliseconds. */
  readonly times: number[] = [];
  /** What the reads that failed said. */
  readonly failures: string[] = [];
  private isStopped = false;
  private isAbandoned = false;
  private done: Promise<void> | undefined;

  constructor(private readonly props: ResolverProps) {}

  start(): void {
    this.done = this.readOn();
  }

  /** Ends once it has got its key again. */
  async stop(): Promise<void> {
    this.isStopped = true;
    await this.done;
  }

  /** Ends with or without a key, as after a test that failed: a later one must not hear of it. */
  async abandon(): Promise<void> {
    this.isAbandoned = true;
    await this.stop();
  }

  private async readOn(): Promise<void> {
    let failingSince: number | undefined;
    while (!this.isAbandoned && (!this.isStopped || failingSince !== undefined)) {
      const begin = performance.now();
      const failure = await this.read();
      if (failure === undefined) {
        this.times.push(performance.now() - begin);
        if (failingSince !== undefined) this.outages.push(performance.now() - failingSince);
        failingSince = undefined;
      } else {
        this.failures.push(failure);
        failingSince ??= begin;
      }
      await sleep(20);
    }
  }

  /** @returns why there is no key; undefined if there is */
  private async read(): Promise<string | undefined> {
    const { program, addresses, caFile, keyPath } = this.props;
    const child = spawn(process.execPath, [program], {
      stdio: ["pipe", "pipe", "ignore"],
      env: { VAULT_ADDR: addresses.join(" "), VAULT_CACERT: caFile, OPENROUTER_SECRET: keyPath },
    });
    child.stdin.end(JSON.stringify({ protocolVersion: 1, provider: "openclaw-openrouter", ids: [id] }));
    const said = await text(child.stdout);
    const answer = attempt(() => JSON.parse(said));
    return answer?.values?.[id] ? undefined : said || "nothing";
  }
}
