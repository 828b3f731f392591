import type { Command } from "commander";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { say } from "./output";

/** `status`: what is known of the instance, without changing anything. */
export function register(program: Command): void {
  const command = program.command("status").description("show home, versions, seal, key and last check");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
    const { openInstance } = await import("../lib/instance/declaration");
    const { isDeployed, readStatus, renderStatus } = await import("../lib/deploy/status");
    const status = await readStatus(openInstance(options));
    if (options.json) process.stdout.write(`${JSON.stringify(status, null, 2)}\n`);
    else say(renderStatus(status));
    process.exitCode = isDeployed(status) ? ExitCode.Ok : ExitCode.NotDeployed;
  });
}
