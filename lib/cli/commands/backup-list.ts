import { existsSync } from "node:fs";
import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";

/** `backup list`: lists the backups and the generation of the shares that open each. */
export function register(backup: Command): void {
  const command = backup.command("list").description("list the backups made on this host");
  addInstanceOptions(command).action(async (options: InstanceOptions) => {
    process.exitCode = await list(options);
  });
}

async function list(options: InstanceOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const { readBackups } = await import("../../store/backup-record");
  const { instance, home } = openInstance(options);
  const backups = readBackups(home).map((backup) => ({
    ...backup,
    present: existsSync(backup.file),
  }));
  if (options.json) {
    const report = { version: 1, instance, backups };
    printJson(report);
  }
  if (backups.length === 0) say("There is no backup: openclaw-openrouter backup create");
  for (const { file, created, generation, present } of backups)
    say(
      `${created.slice(0, 19)}Z  ${present ? "" : "(missing) "}${file}${generation ? `  shares ${generation}` : ""}`,
    );
  return ExitCode.Ok;
}
