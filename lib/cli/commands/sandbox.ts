import type { Command } from "commander";
import { say } from "../output";

/** `sandbox`: serves the local OpenRouter, for a gateway or for experiments. */
export function register(program: Command): void {
  program
    .command("sandbox")
    .description("serve the local OpenRouter until Ctrl-C, with a log of its requests")
    .option("-s, --settings <file>", "the sandbox's settings (JSON with comments, or YAML)")
    .action(async (options: { settings?: string }) => {
      const { serveSandbox } = await import("../../sandbox/serve");
      const { loadDeployment } = await import("../../session/load-deployment");
      const { ensureInstance } = await import("../../store/home");
      const { sandboxInstance } = await import("../../config/sandbox");
      const deployment = loadDeployment(sandboxInstance, options.settings);
      const { home } = deployment;
      ensureInstance(home.root);
      const server = await serveSandbox(deployment, ({ time, method, path, status, model, key }) =>
        say([time, method, path, status, model, key?.label ?? key?.fingerprint].filter(Boolean).join(" ")),
      );
      if (!server) {
        say("Another process already serves the local OpenRouter.");
        return;
      }
      say(`The local OpenRouter is at ${server.baseUrl}; its key is in ${home.sandboxKey}. Ctrl-C ends it.`);
      await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
      await server.close();
    });
}
