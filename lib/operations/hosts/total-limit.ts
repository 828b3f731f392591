import { UserError } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { inBoth, isAbove, mostInAMonth } from "../../openrouter/money";
import type { HostEntry } from "../../store/records/hosts-record";
import type { Account } from "../key/account";

/** The most that hosts spend in a month together. */
export interface TotalLimit {
  /** USD; null: a host's key has no limit. */
  readonly usd: number | null;
  /** The bound that the settings set, in USD. @default it is not bounded */
  readonly boundUsd?: number;
}

/** The sum of the hosts' limits, as recorded, beside the bound of the settings. */
export function totalLimit(
  { settings }: Pick<Deployment, "settings">,
  limits: readonly (number | null)[],
): TotalLimit {
  const usd = limits.some((limit) => limit === null)
    ? null
    : limits.reduce<number>((sum, limit) => sum + (limit ?? 0), 0);
  const bound = settings.hosts.maxTotalLimitEur;
  return { usd, ...(bound === undefined ? {} : { boundUsd: bound * settings.budget.usdPerEur }) };
}

/**
 * Refuses a host's limit with which all hosts could spend more than `hosts.maxTotalLimitEur`.
 * @param others the other hosts
 * @param limitUsd the host's new limit; null: none
 * @param account finds the limits that were changed at OpenRouter since. @default the recorded ones
 * @throws UserError if it is beyond the bound
 */
export async function requireWithinTotal(
  deployment: Pick<Deployment, "settings">,
  others: readonly HostEntry[],
  limitUsd: number | null,
  account?: Account,
): Promise<void> {
  const { budget, hosts } = deployment.settings;
  if (hosts.maxTotalLimitEur === undefined) return;
  const known: (number | null)[] = [];
  for (const { key } of others) if (key) known.push(await currentLimit(key, account));
  const besides = totalLimit(deployment, known).usd;
  const { usd, boundUsd = 0 } = totalLimit(deployment, [...known, limitUsd]);
  if (usd !== null && !isAbove(usd, boundUsd)) return;
  throw new UserError({
    problem:
      "The limits of all hosts together would be beyond `hosts.maxTotalLimitEur`. Nothing was changed.",
    got:
      limitUsd === null
        ? "a key without a limit"
        : `${inBoth(limitUsd, budget)} a month besides ${besides === null ? "a host whose key has no limit" : `the ${inBoth(besides, budget)} of the other hosts`}`,
    expected: `at most ${inBoth(boundUsd, budget)} a month in all`,
    fix: "Give it a lower limit, or raise the bound in the settings. Who has which limit: openclaw-openrouter host list",
  });
}

async function currentLimit(
  key: NonNullable<HostEntry["key"]>,
  account: Account | undefined,
): Promise<number | null> {
  const found = await account?.keys.findExactly(key);
  return found ? mostInAMonth(found.item) : key.limitUsd;
}
