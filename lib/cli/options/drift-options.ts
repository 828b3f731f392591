import { resolve } from "node:path";
import type { Command } from "commander";
import type { InstanceOptions } from "./options";

/** The options for the comparison and for its report. */
export interface DriftReportOptions extends InstanceOptions {
  readonly allOfVault?: boolean;
  readonly baseline?: string;
  readonly ignore?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly network: boolean;
  readonly report?: string;
}

/** Adds the options of a read-only drift check, without the instance options. */
export function addDriftReportOptions(command: Command): Command {
  return command
    .option("--all-of-vault", "report anything else in Vault as drift")
    .option("--baseline <file>", "an earlier report (--json): report only what is new since")
    .option("--ignore <file>", "a list of drift to ignore, with reason and last day")
    .option("--junit <file>", "write the report as JUnit XML")
    .option(
      "--markdown <file>",
      "write the report as Markdown (written to $GITHUB_STEP_SUMMARY automatically)",
    )
    .option("--report <file>", "write the report as JSON, for other users of this host to read")
    .option("--no-network", "do not ask OpenRouter about the key");
}

/** The options of a scheduled drift check, as given to `schedule add drift`. */
export function driftArguments(options: DriftReportOptions): string[] {
  const path = (name: string, value: string | undefined) => (value ? [name, resolve(value)] : []);
  return [
    ...path("--settings", options.settings),
    ...(options.allOfVault ? ["--all-of-vault"] : []),
    ...path("--baseline", options.baseline),
    ...path("--ignore", options.ignore),
    ...path("--junit", options.junit),
    ...path("--markdown", options.markdown),
    ...path("--report", options.report),
    ...(options.network ? [] : ["--no-network"]),
  ];
}
