import { UserError } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { namingInstance } from "../report/clean";

/** The error of a command that needs a deployed instance. @param got what is missing of it */
export function notDeployed(instance: string, got: string): UserError {
  return new UserError({
    problem: `The instance ${instance} is not deployed on this host.`,
    got,
    fix: namingInstance(instance, "openclaw-openrouter up"),
    exitCode: ExitCode.NotDeployed,
  });
}
