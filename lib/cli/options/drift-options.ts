import { option, optionGroup, type ParsedBy } from "./options";

/** The options of a read-only drift check: for the comparison and for its report. */
export const driftReportOptions = optionGroup(
  option("--all-of-vault", "report anything else in Vault as drift"),
  option("--baseline <file>", "an earlier report (--json): report only what is new since"),
  option("--ignore <file>", "a list of drift to ignore, with reason and last day"),
  option("--junit <file>", "write the report as JUnit XML"),
  option("--markdown <file>", "write the report as Markdown (written to $GITHUB_STEP_SUMMARY automatically)"),
  option("--report <file>", "write the report as JSON, for other users of this host to read"),
  option("--no-network", "do not ask OpenRouter about the key"),
  option("--gateway <mode>", "ask OpenClaw's program which model each agent uses (auto), or not (no)", {
    choices: ["auto", "no"],
    default: "auto",
  }),
);
export type DriftReportOptions = ParsedBy<typeof driftReportOptions>;
