import { existsSync } from "node:fs";
import { resolve } from "node:path";
import type { Command } from "commander";
import { UserError } from "../lib/errors";
import type { Deployment } from "../lib/model/deployment";
import { ExitCode } from "../lib/model/exit-codes";
import { addInstanceOptions, type InstanceOptions } from "./options";
import { printJson } from "./output";
import { confirmStarting } from "./prompts";
import { runVerb } from "./run-verb";
import { sayInstalled, sayUninstalled } from "./say-schedule";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "./shares-input";

type UnsealOptions = InstanceOptions &
  SharesOptions & { readonly install?: boolean; readonly uninstall?: boolean };

/** `unseal`: after a reboot, or a container that was stopped. */
export function register(program: Command): void {
  const command = program
    .command("unseal")
    .description("start the container where it is stopped, and unseal Vault")
    .option("--install", "have the host do so by itself after each start of the engine")
    .option("--uninstall", "do not have the host do so any more");
  addSharesOptions(addInstanceOptions(command)).action(async (options: UnsealOptions) => {
    process.exitCode = options.uninstall ? await uninstall(options) : await unsealVerb(options);
  });
}

async function unsealVerb(options: UnsealOptions): Promise<ExitCode> {
  const { openInstance } = await import("../lib/instance/declaration");
  const deployment = openInstance(options);
  if (options.install) return runVerb("unseal", deployment, () => install(options, deployment));
  return runVerb("unseal", deployment, async ({ lock, signal }) => {
    const { prepare } = await import("../lib/deploy/context");
    const { requireVault } = await import("../lib/deploy/require-vault");
    const phase = await phasesThatMayAsk(deployment);
    const context = await prepare({
      ...{ deployment, lock, signal, phase, confirm: confirmStarting },
      ...sharesGiven(options),
    });
    const opened = await requireVault(context, { writeTokenHelper: true });
    if (options.json) {
      const report = { version: 1, instance: deployment.instance, ...opened, place: undefined };
      printJson(report);
    }
    return ExitCode.Ok;
  });
}

async function install({ settings }: UnsealOptions, deployment: Deployment): Promise<ExitCode> {
  const { requireOwnVault } = await import("../lib/deploy/existing-vault");
  const { instance, home } = deployment;
  requireOwnVault(deployment, "To unseal", "Unseal it as you do, after each restart.");
  if (!existsSync(home.shares)) {
    throw new UserError({
      problem: "The shares are not on this host, so it cannot unseal Vault by itself.",
      got: `no ${home.shares}`,
      remedy: "Unseal it by hand after each restart: openclaw-openrouter unseal",
    });
  }
  const { installSchedule } = await import("../lib/host/schedule");
  const installed = await installSchedule({
    verb: "unseal",
    instance,
    home: home.root,
    program: process.env.OPENCLAW_OPENROUTER_BIN ?? process.argv[1]!,
    arguments: settings ? ["--settings", resolve(settings)] : [],
    environment: process.env,
  });
  sayInstalled(
    installed,
    "Vault is unsealed after each start of the Docker Engine",
    `It unseals Vault after a reboot; after a restart of the engine alone, run
\`openclaw-openrouter unseal\`, or \`check\`, which does so by itself.`,
  );
  return ExitCode.Ok;
}

async function uninstall(options: UnsealOptions): Promise<ExitCode> {
  const { selectInstance } = await import("../lib/instance/select");
  const { instanceHome } = await import("../lib/instance/home");
  const { uninstallSchedule } = await import("../lib/host/schedule");
  const instance = selectInstance({ named: options.instance, keyGiven: false });
  const uninstalled = await uninstallSchedule({ verb: "unseal", instance, home: instanceHome(instance) });
  sayUninstalled(
    uninstalled,
    "The host does not unseal Vault by itself any more.",
    "The host did not unseal Vault by itself.",
  );
  return ExitCode.Ok;
}
