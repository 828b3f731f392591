import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { pathToFileURL } from "node:url";
import { settingsSchema } from "../../lib/config/settings";
import { packageRoot } from "../../lib/core/system/package-root";
import type { Measure } from "./measure";

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

export const checkNames = {
  http: "check, HTTP only, 50 ms an answer",
  whole: "check, whole, 50 ms an answer",
  help: "--help",
} as const;

/** The check of a deployed instance, the start of the program included. */
export async function timeChecks({ host, timings, rounds }: Measure): Promise<void> {
  await host.command(["up"]);
  const program = pathToFileURL(join(packageRoot(), "dist", "bench-sandbox.cjs")).href;
  const [root, port] = [host.home.root, settingsSchema.parse({}).sandbox.port];
  const sandbox = host.startNode(
    "-e",
    `import(${JSON.stringify(program)}).then(({ main }) => main(${JSON.stringify(root)}, ${port}))`,
  );
  try {
    await tryUntilServed(() => host.run([process.execPath, "-e", slow]));
    for (let round = 0; round <= rounds; round++) {
      const counted = round > 0;
      await timings.time(checkNames.http, counted, () => host.command(["check", "--only", http]));
      await timings.time(checkNames.whole, counted, () => host.command(["check"]));
      await timings.time(checkNames.help, counted, () => host.command(["--help"]));
    }
  } finally {
    sandbox.kill("SIGTERM");
    await host.reset();
  }
}

async function tryUntilServed(attempt: () => Promise<unknown>): Promise<void> {
  for (let left = 100; ; left--) {
    try {
      await attempt();
      return;
    } catch (error) {
      if (left === 0) throw error;
      await sleep(50);
    }
  }
}
