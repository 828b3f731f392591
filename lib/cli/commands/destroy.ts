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

/** `destroy`: the container and OpenClaw's files; with `--purge` everything. */
export function register(program: Command): void {
  const command = program
    .command("destroy")
    .description("remove the container and OpenClaw's files; Vault's data, shares and state stay")
    .option("-y, --yes", "do not ask")
    .option("--purge", "remove Vault's data, the shares and the state as well, for good");
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
      for (const path of files.parted) say(`! ${path} was edited since: only what was ours was taken out.`);
      for (const path of files.kept)
        say(`! ${path} does not parse or is no plain file, and stays unchanged.`);
      result = { purged: false, ...files };
    }
    if (options.json) printJson({ version: 1, instance: deployment.instance, ...result });
    say(
      options.purge
        ? `Everything of this instance is gone${backups ? `, but for its backups in ${backups}` : ""}.`
        : "Removed. `openclaw-openrouter up` goes on with Vault's data.",
    );
    if (options.purge) await sayWhatStays();
    return ExitCode.Ok;
  });
}

/** With the last instance its program is of no more use here, unless another folder of instances uses it: it is not removed. */
async function sayWhatStays(): Promise<void> {
  const { instances } = await import("../../store/home");
  const { removalCommand } = await import("../../host/installed-program");
  const command = removalCommand();
  if (command && instances().length === 0) say(`The installed program stays. To remove it: ${command}`);
}

/** @param backups where they lie, if there are any */
async function purgeQuestion(deployment: Deployment, backups: string | undefined): Promise<string> {
  const { purgeList } = await import("../../operations/deploy/purge");
  const list = purgeList(deployment).map((line) => `  - ${line}`);
  const stay = backups
    ? `\n${wrap(`The backups in ${backups} stay. Those without shares need the shares to be read, which go with the home: \`shares export\` distribute them before.`, 80).join("\n")}`
    : "";
  return `This removes for good:\n${list.join("\n")}${stay}`;
}

function destroyQuestion({ external, address, container, openclawFolder }: Deployment): string {
  return external
    ? `This removes the policies and roles of this instance from the Vault at ${address}, and the files placed in ${openclawFolder}. The key, and all else in that Vault, stays.`
    : `This removes the container ${container} and the files placed in ${openclawFolder}. Vault's data, shares and state stay.`;
}
