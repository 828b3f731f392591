import { ExitCode } from "../../core/exit-codes";
import { hanging } from "../../core/text";
import type { AdoptReport } from "../../operations/adopt/adopt";
import { defineCommand, type Outcome } from "../define-command";
import { adminTokenFrom, adminTokenOptions, listenerFrom } from "../input/admin-token";
import { keyOptions, readGivenKey, refuseSharedStdin } from "../input/key-input";
import { confirmLoss, requireAnswer } from "../input/prompts";
import { sharesOptions } from "../input/shares-input";
import { hostOptions, instanceOptions, yesOption } from "../options/options";
import { say } from "../output";

/** `state adopt`: adopts the existing deployment if Terraform's state is missing. */
export const register = defineCommand({
  name: "adopt",
  summary: "re-create Terraform's state from what is deployed, over the same data",
  options: [yesOption, instanceOptions, hostOptions, keyOptions, sharesOptions, adminTokenOptions],
  needs: "lock",
  reads: ["OPENROUTER_API_KEY"],
  check: ({ options }) => {
    requireAnswer("this replaces the container", options);
    refuseSharedStdin(options);
  },
  input: ({ deployment, options }) => readGivenKey({ ...options, instance: deployment.instance }),
  run: async ({ preparing, options, input: given }) => {
    const { adopt } = await import("../../operations/adopt/adopt");
    const report = await adopt({
      ...preparing,
      given,
      askAdminToken: adminTokenFrom(options),
      acceptListener: listenerFrom(options),
      agree: async (steps) => {
        say(["This will be done:", ...steps.flatMap((step) => hanging("  - ", step))].join("\n"));
        return options.yes === true || confirmLoss("Go on?");
      },
    });
    return report ? outcomeOf(report) : { text: "Nothing was changed.", code: ExitCode.Failed };
  },
});

function outcomeOf(report: AdoptReport): Outcome {
  if (!report.done) return { json: report, text: "Terraform's states exist: there is nothing to take over." };
  const { check, left } = report.done;
  if (left.length > 0)
    return {
      json: report,
      text: `Taken over, but Terraform plans more:\n${left.map((line) => `  - ${line}`).join("\n")}
openclaw-openrouter up --instance ${report.instance}  does that.`,
      code: ExitCode.Failed,
    };
  return check.outcome === "fail"
    ? { json: report, text: "Taken over, but the check failed (see above).", code: ExitCode.Failed }
    : { json: report, text: "Taken over; the plan is empty and the check passed." };
}
