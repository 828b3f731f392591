import type { Command } from "commander";
import { say } from "./output";
import { phaseRunner } from "./phases";

/** `kit`: builds what hosts without the usual registries need, ahead of a deploy. */
export function register(program: Command): void {
  program
    .command("kit")
    .description("build providers, OpenTofu and Vault from their Go modules, for hosts without registries")
    .option("--json", "print the result as JSON on standard output")
    .action(async (options: { readonly json?: boolean }) => {
      const { buildParts } = await import("../lib/host/build-kit");
      const { fetchImageTools } = await import("../lib/host/image-tools");
      const { openKit } = await import("../lib/host/kit");
      const kit = openKit();
      await phaseRunner()("Parts", async (progress) => {
        await Promise.all([buildParts(kit, undefined, { progress }), fetchImageTools(kit, { progress })]);
      });
      if (options.json) process.stdout.write(`${JSON.stringify({ version: 1, folder: kit.folder })}\n`);
      say(`The kit lies in ${kit.folder}.`);
    });
}
