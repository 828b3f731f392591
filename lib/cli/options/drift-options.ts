import { Option } from "commander";
import type { OptionGroup } from "./options";

/** The options for the comparison and for its report. */
export interface DriftReportOptions {
  readonly allOfVault?: boolean;
  readonly baseline?: string;
  readonly ignore?: string;
  readonly junit?: string;
  readonly markdown?: string;
  readonly network: boolean;
  readonly gateway: "auto" | "no";
  readonly report?: string;
}

/** The options of a read-only drift check. */
export const driftReportOptions: OptionGroup<DriftReportOptions> = (command) =>
  command
    .option("--all-of-vault", "report anything else in Vault as drift")
    .option("--baseline <file>", "an earlier report (--json): report only what is new since")
    .option("--ignore <file>", "a list of drift to ignore, with reason and last day")
    .option("--junit <file>", "write the report as JUnit XML")
    .option(
      "--markdown <file>",
      "write the report as Markdown (written to $GITHUB_STEP_SUMMARY automatically)",
    )
    .option("--report <file>", "write the report as JSON, for other users of this host to read")
    .option("--no-network", "do not ask OpenRouter about the key")
    .addOption(
      new Option("--gateway <mode>", "ask OpenClaw's program which model each agent uses (auto), or not (no)")
        .choices(["auto", "no"])
        .default("auto"),
    );
