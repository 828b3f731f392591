import { readFileSync } from "node:fs";
import { exchange } from "../core/network/http";

/** Within this time a server answers, or another one is asked: in milliseconds. */
const probeTimeout = 900;

/** A standby that forwards to the active server is as good as that one. */
const health = "/v1/sys/health?standbyok=true&perfstandbyok=true";

/**
 * The servers of a cluster at several addresses. The one that answers first is used, as long as it answers: the active one, or a
 * standby, which forwards. All clients of a process share the choice.
 */
export class Cluster {
  private static readonly known = new Map<string, Cluster>();
  private choice: Promise<string> | undefined;
  private latest: string;
  /** Those that did not do what they were chosen for: one is chosen only if no other one is open. */
  private readonly passedOver = new Set<string>();

  private constructor(private readonly addresses: readonly [string, ...string[]]) {
    this.latest = addresses[0];
  }

  static at(addresses: readonly [string, ...string[]]): Cluster {
    const name = addresses.join(" ");
    const known = Cluster.known.get(name) ?? new Cluster(addresses);
    Cluster.known.set(name, known);
    return known;
  }

  /** How many servers it has. */
  get size(): number {
    return this.addresses.length;
  }

  /** The address that was chosen last. */
  get address(): string {
    return this.latest;
  }

  /** The address of a server that answers. @param ca verifies its certificate. @default Node's own */
  choose(ca: string | undefined): Promise<string> {
    this.choice ??= this.askAll(ca).then((address) => {
      this.latest = address;
      return address;
    });
    return this.choice;
  }

  /** Has the next call ask all servers again, since the chosen one does not answer any more, or reaches no active one. */
  forget(): void {
    this.choice = undefined;
    this.passedOver.add(this.latest);
    if (this.passedOver.size === this.addresses.length) this.passedOver.clear();
  }

  /** If none is unsealed, one that answers at all can say why. */
  private async askAll(ca: string | undefined): Promise<string> {
    const rest = new AbortController();
    const asked = this.addresses.map(async (address) => {
      const options = { ca, timeout: probeTimeout, signal: rest.signal };
      return { address, status: (await exchange(`${address}${health}`, options)).status };
    });
    const open = asked.map(async (answer) => {
      const { address, status } = await answer;
      if (status === 200) return address;
      throw new Error("sealed");
    });
    const firstOpen = Promise.any(open);
    // It may fail when nobody waits for it any more.
    firstOpen.catch(() => {});
    const preferred = open.filter((_, index) => !this.passedOver.has(this.addresses[index] ?? ""));
    try {
      return await Promise.any(preferred)
        .catch(() => firstOpen)
        .catch(async () => (await Promise.any(asked)).address);
    } catch {
      return this.addresses[0];
    } finally {
      rest.abort(new Error("another server answered"));
    }
  }
}

/** The addresses at which no unsealed server of the cluster answers. */
export async function silentServers(addresses: readonly string[], caFile?: string): Promise<string[]> {
  const ca = caFile === undefined ? undefined : readFileSync(caFile, "utf8");
  const asked = addresses.map((address) =>
    exchange(`${address}${health}`, { ca, timeout: probeTimeout }).then(
      ({ status }) => status === 200,
      () => false,
    ),
  );
  const answers = await Promise.all(asked);
  return addresses.filter((_, index) => !answers[index]);
}
