import { InvalidArgumentError } from "commander";
import { defined } from "../../core/defined";
import { wrongUsage } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { keysPage } from "../../model/openrouter-key";
import type { InviteOptions } from "../../operations/hosts/invite";
import { option, type ParsedBy } from "../options/options";
import { askForKey, type KeyOptions, readManagementKey, readNamedKey } from "./key-input";
import { isInteractive } from "./prompts";

/** The limit of a host's key that is made. */
export const limitOption = option("--limit-eur <amount>", "the monthly limit of a key that is made, in EUR", {
  parse: parseAmount,
});

/**
 * Reads the key of a host, or the management key that makes one.
 * @param question asks for the key at a terminal if neither is given. @default nobody is asked
 * @throws UserError (wrong usage) if a limit is given for a key that is not made
 */
export async function readHostKey(
  deployment: Deployment,
  options: KeyOptions & ParsedBy<typeof limitOption>,
  question: string | undefined,
): Promise<Pick<InviteOptions, "given" | "managementKey" | "limitEur">> {
  const named = await readNamedKey(options);
  const managementKey = await readManagementKey(deployment);
  const isAsked = named === undefined && managementKey === undefined && isInteractive();
  const given = isAsked && question !== undefined ? await askForKey(`${question} (not shown):`) : named;
  const { limitEur } = options;
  if (limitEur !== undefined && (given !== undefined || managementKey === undefined))
    throw wrongUsage({
      problem: "--limit-eur needs a management key: OpenRouter sets the limit of a key that it makes.",
      fix: `Set OPENROUTER_MANAGEMENT_KEY and give no key; or limit the key at ${keysPage}.`,
    });
  return defined({ given, managementKey, limitEur });
}

function parseAmount(text: string): number {
  const amount = Number(text);
  if (text.trim() !== "" && amount > 0 && amount <= 100_000) return amount;
  throw new InvalidArgumentError("Give an amount above 0, such as 20.");
}
