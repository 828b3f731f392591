import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A way to a server that takes a time, for a kernel without `netem`: each byte arrives half of the round trip later, and a
 * connection costs a whole one. Run as a program it serves `from host port delay` of each of its arguments.
 */
export function serveSlowly(from: Place, to: Place, roundTrip: number): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (near) => {
    const far = connect({ ...to, allowHalfOpen: true });
    // The handshake of the connection is a round trip, too: what is sent first waits for it.
    pass(near, far, roundTrip / 2, roundTrip);
    pass(far, near, roundTrip / 2, 0);
  });
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(from.port, from.host, () => resolve(server));
  });
}

export interface Place {
  readonly host: string;
  readonly port: number;
}

function pass(from: Socket, to: Socket, delay: number, first: number): void {
  const opened = performance.now() + first;
  const queue: (readonly [at: number, work: () => void])[] = [];
  /** In the order in which it came, whatever the timers do. */
  const drain = () => {
    while (queue[0] && queue[0][0] <= performance.now()) queue.shift()?.[1]();
    if (queue[0]) setTimeout(drain, queue[0][0] - performance.now());
  };
  const later = (work: () => void) => {
    queue.push([Math.max(performance.now(), opened) + delay, work]);
    if (queue.length === 1) drain();
  };
  from.setNoDelay(true);
  from.on("data", (chunk) => later(() => to.writable && to.write(chunk)));
  from.once("end", () => later(() => to.end()));
  from.once("error", () => to.destroy());
  from.once("close", () => later(() => to.end()));
}

async function main(ways: readonly string[]): Promise<void> {
  for (const way of ways) {
    const [host = "", port, toHost = "", toPort, roundTrip] = way.split(",");
    await serveSlowly(
      { host, port: Number(port) },
      { host: toHost, port: Number(toPort) },
      Number(roundTrip),
    );
  }
  process.stdout.write("ready\n");
}

if (process.env.SLOW_WAYS === "1") void main(process.argv.slice(2));
