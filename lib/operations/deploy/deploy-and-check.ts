import { type CheckReport, recordCheck, renderReport, runChecks } from "../../check";
import { checkParametersOf } from "../../model/check-parameters";
import { terminal } from "../../report/terminal";
import type { DeployContext } from "../../session/context";
import { settle } from "../../session/record-deployment";
import { type DeployOptions, type DeployResult, deploy } from "./deploy";

export interface DeployAndCheckOptions extends DeployOptions {
  /** Says a line to the person. */
  readonly say: (line: string) => void;
}

/** Brings the host to what is declared, checks that the key works, and tells what the check found. */
export async function deployAndCheck(
  context: DeployContext,
  options: DeployAndCheckOptions,
): Promise<DeployResult & { readonly check: CheckReport }> {
  const result = await deploy(context, options);
  return { ...result, check: await checkDeployed(context, result.changed, options.say) };
}

/** What follows each deploy: the check, which is shown, and the record of what was deployed. */
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
      // Its lines follow.
      () => null,
    ),
    settle(context, changed),
  ]);
  recordCheck(deployment.home, check);
  say(`\n${renderReport(check, terminal())}\n`);
  return check;
}
