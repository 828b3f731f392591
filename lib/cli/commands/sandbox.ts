import { sandboxInstance } from "../../config/sandbox";
import { ExitCode } from "../../core/exit-codes";
import { ensureInstance } from "../../store/home";
import { defineCommand } from "../define-command";
import { option } from "../options/options";
import { say } from "../output";

/** `sandbox`: serves the local OpenRouter, for a gateway or for experiments. */
export const register = defineCommand({
  name: "sandbox",
  summary: "serve the local OpenRouter until Ctrl-C, with a log of its requests",
  options: [option("-s, --settings <file>", "the sandbox's settings (JSON with comments, or YAML)")],
  run: async ({ options }) => {
    const { serveSandbox } = await import("../../sandbox/serve");
    const { loadDeployment } = await import("../../session/load-deployment");
    const deployment = loadDeployment(sandboxInstance, options.settings);
    const { home } = deployment;
    ensureInstance(home.root);
    const server = await serveSandbox(deployment, ({ time, method, path, status, model, key }) =>
      say([time, method, path, status, model, key?.label ?? key?.fingerprint].filter(Boolean).join(" ")),
    );
    if (!server) return { text: "Another process already serves the local OpenRouter." };
    say(`The local OpenRouter is at ${server.baseUrl}; its key is in ${home.sandboxKey}. Ctrl-C ends it.`);
    await new Promise((resolve) => process.once("SIGINT", resolve).once("SIGTERM", resolve));
    await server.close();
    return ExitCode.Ok;
  },
});
