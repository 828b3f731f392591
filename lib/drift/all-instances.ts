import { ExitCode } from "../core/exit-codes";
import { inParallel } from "../core/in-parallel";
import { asUserError } from "../core/refused";
import type { DriftReport, DriftReports } from "../report/drift-report";
import { errorNaming, errorReportOf } from "../report/error-report";

/** Inspects several instances, some at a time. An instance that cannot be inspected does not stop the others. */
export async function driftOfAll(
  instances: readonly string[],
  inspect: (instance: string) => Promise<DriftReport>,
  atATime: number,
): Promise<DriftReports> {
  const results = await inParallel(instances, atATime, async (instance) => {
    try {
      return { report: await inspect(instance) };
    } catch (error) {
      const told = asUserError(error);
      if (!told) throw error;
      const { error: object } = errorReportOf(told.props, told.exitCode);
      return { failed: { instance, error: errorNaming(instance, object) } };
    }
  });
  return {
    version: 1,
    instances: results.flatMap(({ report }) => report ?? []),
    failed: results.flatMap(({ failed }) => failed ?? []),
  };
}

const exitCodes: Record<DriftReport["outcome"], ExitCode> = {
  clean: ExitCode.Ok,
  drift: ExitCode.Drift,
  undetermined: ExitCode.Failed,
  "not-applied": ExitCode.NotApplied,
};

/** The exit codes, the one that takes precedence first. */
const bySeverity = [
  ExitCode.WrongUsage,
  ExitCode.NotDeployed,
  ExitCode.Drift,
  ExitCode.Failed,
  ExitCode.NotApplied,
  ExitCode.Ok,
];

export function driftExitCode({ outcome }: DriftReport): ExitCode {
  return exitCodes[outcome];
}

/** The exit code of several instances together. */
export function driftExitCodeOfAll({ instances, failed }: DriftReports): ExitCode {
  const codes = [...instances.map(driftExitCode), ...failed.map(({ error }) => error.exitCode)];
  return bySeverity.find((code) => codes.includes(code)) ?? ExitCode.Ok;
}
