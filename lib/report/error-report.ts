import { z } from "zod";
import { defined } from "../core/defined";
import type { UserErrorProps } from "../core/errors";
import { ExitCode } from "../core/exit-codes";
import { namingInstance } from "./clean";

/** The output of a command with `--json` that ends without its result. A removed or changed field raises the version. */
export const errorReport = z.object({
  version: z.literal(1),
  error: z.object({
    kind: z
      .enum(["failed", "not-deployed", "wrong-usage", "interrupted", "defect"])
      .describe("`defect`: a mistake of this program. Standard error has its stack."),
    exitCode: z.int().describe("The exit code of the command."),
    problem: z.string().describe("The problem and its reason."),
    got: z.string().exactOptional().describe("The actual value."),
    expected: z.string().exactOptional().describe("The expected value."),
    fix: z.string().exactOptional().describe("How to fix it; a command in it is run on that host."),
  }),
});
export type ErrorReport = z.output<typeof errorReport>;
type Kind = ErrorReport["error"]["kind"];

const kinds: Partial<Record<ExitCode, Kind>> = {
  [ExitCode.NotDeployed]: "not-deployed",
  [ExitCode.WrongUsage]: "wrong-usage",
  [ExitCode.Interrupted]: "interrupted",
};

/** The report of an error. @param kind @default the kind of its exit code */
export function errorReportOf(
  { problem, got, expected, fix }: UserErrorProps,
  exitCode: ExitCode,
  kind: Kind = kinds[exitCode] ?? "failed",
): ErrorReport {
  return { version: 1, error: { kind, exitCode, problem, ...defined({ got, expected, fix }) } };
}

/** The error with `--instance` in the commands of its texts. */
export function errorNaming(instance: string, error: ErrorReport["error"]): ErrorReport["error"] {
  const parts = Object.entries(error).map(([name, part]) => [
    name,
    typeof part === "string" ? namingInstance(instance, part) : part,
  ]);
  return Object.fromEntries(parts);
}
