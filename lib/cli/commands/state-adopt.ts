import type { Command } from "commander";
import { UserError } from "../../core/errors";
import { ExitCode } from "../../core/exit-codes";
import { wrap } from "../../core/text";
import {
  type AdminTokenOptions,
  addAdminTokenOptions,
  adminTokenFrom,
  listenerFrom,
} from "../input/admin-token";
import { type KeyOptions, readGivenKey, refuseSharedStdin } from "../input/key-input";
import { confirmLoss, confirmStarting, isInteractive } from "../input/prompts";
import { addSharesOptions, phasesThatMayAsk, type SharesOptions, sharesGiven } from "../input/shares-input";
import {
  addHostOptions,
  addInstanceOptions,
  addKeyOptions,
  bundleOf,
  type HostOptions,
  type InstanceOptions,
} from "../options/options";
import { printJson, say } from "../output";
import { runCommand } from "../run-command";

type AdoptOptions = InstanceOptions &
  HostOptions &
  KeyOptions &
  SharesOptions &
  AdminTokenOptions & { readonly yes?: boolean };

/** `state adopt`: adopts the existing deployment if Terraform's state is missing. */
export function register(state: Command): void {
  const command = state
    .command("adopt")
    .description("re-create Terraform's state from what is deployed, over the same data")
    .option("-y, --yes", "do not ask");
  addKeyOptions(addHostOptions(addInstanceOptions(command)));
  addAdminTokenOptions(addSharesOptions(command)).action(async (options: AdoptOptions) => {
    process.exitCode = await adoptCommand(options);
  });
}

async function adoptCommand(options: AdoptOptions): Promise<ExitCode> {
  if (!options.yes && !isInteractive()) {
    throw new UserError({
      problem: "Nobody can be asked here, and this replaces the container.",
      fix: "Add --yes.",
      exitCode: ExitCode.WrongUsage,
    });
  }
  refuseSharedStdin(options);
  const { openInstance } = await import("../../session/load-deployment");
  const deployment = openInstance(options);
  const given = await readGivenKey({ ...options, instance: deployment.instance });
  return runCommand("state adopt", deployment, async ({ lock, signal }) => {
    const { adopt } = await import("../../operations/adopt/adopt");
    const report = await adopt({
      deployment,
      lock,
      signal,
      given,
      phase: await phasesThatMayAsk(deployment),
      confirm: confirmStarting,
      askAdminToken: adminTokenFrom(options),
      acceptListener: listenerFrom(options),
      agree: async (steps) => {
        say(`This will be done:\n${steps.map((step) => `  - ${wrap(step, 76).join("\n    ")}`).join("\n")}`);
        return options.yes === true || confirmLoss("Go on?");
      },
      say,
      ...sharesGiven(options),
      ...bundleOf(options),
    });
    if (!report) {
      say("Nothing was changed.");
      return ExitCode.Failed;
    }
    if (options.json) printJson(report);
    if (!report.done) {
      say("Terraform's states exist: there is nothing to take over.");
      return ExitCode.Ok;
    }
    const { check, left } = report.done;
    if (left.length > 0) {
      say(`Taken over, but Terraform plans more:\n${left.map((line) => `  - ${line}`).join("\n")}`);
      say(`openclaw-openrouter up --instance ${deployment.instance}  does that.`);
      return ExitCode.Failed;
    }
    const failed = check.outcome === "fail";
    say(
      failed
        ? "Taken over, but the check failed (see above)."
        : "Taken over; the plan is empty and the check passed.",
    );
    return failed ? ExitCode.Failed : ExitCode.Ok;
  });
}
