import { sharesOptions } from "../input/shares-input";
import { hostsOptions } from "./hosts-options";
import {
  durationOption,
  instanceOptions,
  option,
  optionGroup,
  type ParsedBy,
  reportOptions,
  scheduledOption,
} from "./options";

/** The options of a read-only drift check: for the comparison and for its report. */
export const driftReportOptions = optionGroup(
  option("--all-of-vault", "report anything else in Vault as drift"),
  option("--baseline <file>", "an earlier report (--json): report only what is new since"),
  option("--ignore <file>", "a list of drift to ignore, with reason and last day"),
  reportOptions,
  option("--report <file>", "write the report as JSON, for other users of this host to read"),
  option("--no-network", "do not ask OpenRouter about the key"),
  option("--gateway <mode>", "ask OpenClaw's program which model each agent uses (auto), or not (no)", {
    choices: ["auto", "no"],
    default: "auto",
  }),
);

/** The options of `drift`. */
export const driftOptions = optionGroup(
  instanceOptions,
  sharesOptions,
  option("--all", "inspect every instance of this user"),
  driftReportOptions,
  option("--from-report <file>", "inspect nothing: read the report of a run with --report"),
  durationOption("--max-age <duration>", "with --from-report: the maximum age of the report", 3 * 3600),
  option("--fix", "show the fix, ask, apply it, and compare again"),
  option("--key <which>", "with --fix: the key to keep if another one was stored by hand", {
    choices: ["stored", "deployed"],
  }),
  option("-y, --yes", "with --fix: do not ask"),
  hostsOptions,
  scheduledOption,
);
export type DriftOptions = ParsedBy<typeof driftOptions>;
