import { type CheckReport, recordCheck, renderReport, runChecks } from "../check";
import { checkParametersOf } from "../model/check-parameters";
import type { DeployContext } from "./context";
import { type DeployOptions, type DeployResult, deploy } from "./deploy";
import { settle } from "./settle";

export interface DeployAndCheckOptions extends DeployOptions {
  /** Says a line to the person. */
  readonly say: (line: string) => void;
}

/** Brings the host to what is declared, checks that the key works, and tells what the check found. */
export async function deployAndCheck(
  context: DeployContext,
  options: DeployAndCheckOptions,
): Promise<DeployResult & { readonly check: CheckReport }> {
  const { deployment, phase, signal } = context;
  const result = await deploy(context, options);
  const [check] = await Promise.all([
    phase("Check", (progress) =>
      runChecks({
        parameters: checkParametersOf(deployment),
        ...(context.host.engine ? { engine: context.host.engine.api } : {}),
        unseal: true,
        spend: true,
        progress,
        signal,
      }),
    ),
    settle(context, result.changed),
  ]);
  recordCheck(deployment.home, check);
  options.say(
    `\n${renderReport(check, { colour: process.stderr.isTTY === true, width: process.stderr.columns ?? 80 })}\n`,
  );
  return { ...result, check };
}
