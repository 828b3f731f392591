import { ExitCode } from "../../core/exit-codes";
import { say } from "../output";
import { defineStep } from "./define-step";

/** The checks that prove a deploy. Budget checks are left to the full check. */
const shown = [
  "vault.reachable",
  "vault.unsealed",
  "secret.present",
  "key.valid",
  "chat.default",
  "openclaw.config",
] as const;

/** `verify`: run by the construct DeployCheck, unless the command that deploys checks at its end. */
export const register = defineStep("verify", async (parameters) => {
  if (process.env.OPENCLAW_OPENROUTER_CHECK === "later") {
    say("The check follows at the end of the deploy.");
    return;
  }
  const { renderReport, runChecks } = await import("../../check");
  const report = await runChecks({
    parameters,
    unseal: true,
    spend: true,
    only: shown,
    progress: () => {},
  });
  say(renderReport(report, { colour: false, width: 80 }));
  if (report.outcome === "fail") process.exitCode = ExitCode.Failed;
});
