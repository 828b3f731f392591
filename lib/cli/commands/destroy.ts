import type { Command } from "commander";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import type { Deployment } from "../../model/deployment";
import { type AdminTokenOptions, addAdminTokenOptions, adminTokenFrom } from "../input/admin-token";
import { requireYes } from "../input/confirm";
import { confirmStarting } from "../input/prompts";
import { addInstanceOptions, type InstanceOptions } from "../options/options";
import { printJson, say } from "../output";
import { phaseRunner } from "../phases";
import { runCommand } from "../run-command";

type DestroyOptions = InstanceOptions &
  AdminTokenOptions & { readonly yes?: boolean; readonly purge?: boolean };

/** `destroy`: removes the container and OpenClaw's files; with `--purge` everything. */
export function register(program: Command): void {
  const command = program
    .command("destroy")
    .description("remove the container and OpenClaw's files; Vault's data, shares and state stay")
    .option("-y, --yes", "do not ask")
    .option("--purge", "also remove Vault's data, the shares and the state; this cannot be undone");
  addAdminTokenOptions(addInstanceOptions(command)).action(async (options: DestroyOptions) => {
    process.exitCode = await destroyCommand(options);
  });
}

async function destroyCommand(options: DestroyOptions): Promise<ExitCode> {
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const { backupsLeft } = await import("../../backup/places");
  const backups = backupsLeft(deployment.instance);
  const what = options.purge ? await purgeQuestion(deployment, backups) : destroyQuestion(deployment);
  if (!(await requireYes(what, options))) return ExitCode.Failed;
  return runCommand("destroy", deployment, async ({ lock, signal }) => {
    const phase = phaseRunner();
    let result: object = { purged: true };
    if (options.purge) {
      const { purge, purgeFromExternal } = await import("../../operations/deploy/purge");
      const { requireEngine } = await import("../../docker/engine");
      if (deployment.external) await purgeFromExternal(deployment, phase, adminTokenFrom(options));
      else await purge(deployment, await requireEngine(), phase);
    } else {
      const { prepare } = await import("../../session/context");
      const { destroy } = await import("../../operations/deploy/destroy");
      const context = await prepare({ deployment, lock, signal, phase, confirm: confirmStarting });
      const files = await destroy(context, adminTokenFrom(options));
      for (const path of files.parted)
        say(`! ${path} was edited since: only the managed parts were removed.`);
      for (const path of files.kept)
        say(`! ${path} does not parse or is not a regular file: it stays unchanged.`);
      result = { purged: false, ...files };
    }
    if (options.json) printJson({ version: 1, instance: deployment.instance, ...result });
    say(
      options.purge
        ? `Everything of this instance is removed${backups ? `, except its backups in ${backups}` : ""}.`
        : "Removed. `openclaw-openrouter up` deploys again with Vault's data.",
    );
    if (options.purge) await sayWhatStays();
    return ExitCode.Ok;
  });
}

/**
 * Names the command that removes the program, after the last instance. The program stays: other instance folders can use it.
 */
async function sayWhatStays(): Promise<void> {
  const { instances } = await import("../../store/home");
  const { removalCommand } = await import("../../host/installed-program");
  const command = removalCommand();
  if (command && instances().length === 0) say(`The installed program stays. To remove it: ${command}`);
}

/** @param backups the folder of the backups, if there are any */
async function purgeQuestion(deployment: Deployment, backups: string | undefined): Promise<string> {
  const { purgeList } = await import("../../operations/deploy/purge");
  const list = purgeList(deployment).map((line) => `  - ${line}`);
  const stay = backups
    ? `\n${wrap(`The backups in ${backups} stay. Backups without shares can only be read with the shares, which are removed with the instance directory: distribute them first with \`shares export\`.`, 80).join("\n")}`
    : "";
  return `This cannot be undone. It removes:\n${list.join("\n")}${stay}`;
}

function destroyQuestion({ external, address, container, openclawFolder }: Deployment): string {
  return external
    ? `This removes the policies and roles of this instance from the Vault at ${address}, and the files placed in ${openclawFolder}. The key and everything else in that Vault stay.`
    : `This removes the container ${container} and the files placed in ${openclawFolder}. Vault's data, shares and state stay.`;
}
