import type { BenchHost } from "./host";
import type { Timings } from "./timings";

const rounds = 11;

/** All that calls OpenRouter. */
const http = [
  "key.valid",
  "budget.limit",
  "budget.spent",
  "models.known",
  "chat.default",
  "chat.fallback",
  "chat.experimentation",
].join(",");

/** Makes the sandbox answer each call of the API after 50 ms. */
const slow = `fetch("http://127.0.0.1:18201/_sandbox/faults", {
  method: "POST",
  headers: { "content-type": "application/json" },
  body: JSON.stringify({ delayMs: 50 }),
}).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))`;

/** The check of a deployed instance, the start of the program included. */
export async function timeChecks(host: BenchHost, timings: Timings): Promise<void> {
  host.verb(["up"]);
  const sandbox = host.start("sandbox");
  try {
    await tryUntilServed(() => host.run([process.execPath, "-e", slow]));
    for (let round = 0; round <= rounds; round++) {
      timings.time("check, HTTP only, 50 ms an answer", round > 0, () =>
        host.verb(["check", "--only", http]),
      );
      timings.time("check, whole, 50 ms an answer", round > 0, () => host.verb(["check"]));
      timings.time("--help", round > 0, () => host.verb(["--help"]));
    }
  } finally {
    sandbox.kill("SIGTERM");
    host.reset();
  }
}

async function tryUntilServed(attempt: () => void): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      return attempt();
    } catch (error) {
      if (left === 0) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
