import { recordCheck, renderReport, runChecks } from "../../check";
import { checkParametersOf } from "../../model/run-parameters";
import type { CheckReport } from "../../report/check-report";
import { terminal } from "../../report/terminal";
import type { DeployContext } from "../../session/context";
import { settle } from "../../session/record-deployment";
import { type DeployOptions, type DeployResult, deploy } from "./deploy";

export interface DeployAndCheckOptions extends DeployOptions {
  /** Prints a line for the person. */
  readonly say: (line: string) => void;
}

/** Deploys, checks that the key works, and prints the report of the check. */
export async function deployAndCheck(
  context: DeployContext,
  options: DeployAndCheckOptions,
): Promise<DeployResult & { readonly check: CheckReport }> {
  const result = await deploy(context, options);
  return { ...result, check: await checkDeployed(context, result.changed, options.say) };
}

/** Runs and prints the check that follows each deploy, and records the deployment. */
export async function checkDeployed(
  context: DeployContext,
  changed: boolean,
  say: DeployAndCheckOptions["say"],
): Promise<CheckReport> {
  const { deployment, host, phase, signal } = context;
  const [check] = await Promise.all([
    phase(
      "Check",
      (progress) =>
        runChecks({
          parameters: checkParametersOf(deployment),
          ...(host.engine ? { engine: host.engine.api } : {}),
          unseal: true,
          spend: true,
          progress,
          signal,
        }),
      // The report follows.
      () => null,
    ),
    settle(context, changed),
  ]);
  recordCheck(deployment.home, check);
  say(`\n${renderReport(check, terminal())}\n`);
  return check;
}
