import { InvalidArgumentError } from "commander";
import { closest } from "fastest-levenshtein";
import { type CheckId, checkIds } from "../../config/check-ids";
import { option, optionGroup, type ParsedBy, reportOptions } from "./options";

export const checkOptions = optionGroup(
  reportOptions,
  option("--only <ids>", `run these checks, and what they need: ${checkIds.join(", ")}`, { parse: parseIds }),
  option("--skip <ids>", "skip these checks", { parse: parseIds }),
  option("--no-spend", "skip the chats, which cost money"),
  option("--no-unseal", "do not start a stopped container or unseal Vault; such a Vault fails"),
  option(
    "--gateway <mode>",
    "ask OpenClaw's program which model each agent uses (auto), not at all (no), or run all of its own checks too (full)",
    { choices: ["auto", "no", "full"], default: "auto" },
  ),
  option("--strict", "count a warning as a failure"),
  option(
    "--timeout <seconds>",
    "the timeout of one call to OpenRouter (default: `check.timeoutSeconds` of the settings)",
    { parse: parseSeconds },
  ),
);
export type CheckOptions = ParsedBy<typeof checkOptions>;

function parseIds(text: string): CheckId[] {
  return text.split(",").map((part) => {
    const id = checkIds.find((known) => known === part.trim());
    if (id) return id;
    throw new InvalidArgumentError(
      `There is no check ${part.trim()}: did you mean ${closest(part.trim(), [...checkIds])}?`,
    );
  });
}

function parseSeconds(text: string): number {
  const seconds = Number(text);
  if (seconds > 0 && seconds <= 600) return seconds;
  throw new InvalidArgumentError("Give a number of seconds above 0 and up to 600.");
}
