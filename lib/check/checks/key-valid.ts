import { daysBetween } from "../../core/time";
import { parseModelId } from "../../model/openclaw/model-id";
import { keysPage } from "../../model/openrouter-key";
import type { CheckParameters } from "../../model/run-parameters";
import type { KeyInfo } from "../../openrouter/schemas";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import { warningsOf } from "../warnings";

const warn = warningsOf("key.valid");

/** The number of days before a key's expiry from which the check warns. */
const daysBefore = 14;
const replace = `openclaw-openrouter key rotate, with a new key from ${keysPage} or a management key that creates one.`;

export const keyValid: Check = {
  id: "key.valid",
  why: "OpenRouter answers only calls with a key that it accepts.",
  needs: ["secret.present"],
  async run(context) {
    const info = await context.keyInfo();
    const accepted = `OpenRouter accepts the key ${info.label}`;
    return combine(accepted, [
      pass(accepted),
      info.isManagementKey &&
        fail(
          "it is a management key, which cannot chat but can create and delete other keys",
          `Create an ordinary key at ${keysPage} and deploy it.`,
        ),
      info.disabled && fail("it is disabled", `Enable it at ${keysPage}, or create a new one.`),
      otherRegion(info, context.parameters),
      info.isFreeTier &&
        warn(
          "free-tier",
          "the account is on the free tier: only free models answer, with a daily limit of calls",
          "Buy credit at https://openrouter.ai/settings/credits.",
        ),
      ...freeCalls(info, context.parameters),
      ...expiry(info.expiresAt, context.now()),
    ]);
  },
};

/** OpenRouter's addresses, by the name of the data region that each serves. */
const addresses: Readonly<Record<string, string>> = {
  global: "openrouter.ai",
  europe: "eu.openrouter.ai",
  us: "us.openrouter.ai",
};

/** Every address tells about a key, but only those of its data regions let it chat. */
function otherRegion(
  { dataRegions }: KeyInfo,
  { baseUrl }: Pick<CheckParameters, "baseUrl">,
): Verdict | undefined {
  const { hostname } = new URL(baseUrl);
  const region = Object.keys(addresses).find((name) => addresses[name] === hostname);
  if (dataRegions === undefined || region === undefined || dataRegions.includes(region)) return undefined;
  const permitted = dataRegions.flatMap((name) => addresses[name] ?? []);
  const other = permitted.map((address) => `https://${address}/api/v1`).join(" or ");
  return fail(
    `it may not chat at ${hostname}: its data regions are ${dataRegions.join(", ") || "none"}, and ${region} is not among them`,
    `${other ? `Set \`openrouter.baseUrl\` to ${other}, then \`openclaw-openrouter up\`; or permit` : "Permit"} the region in the key's guardrails at https://openrouter.ai/settings/privacy. The EU's and the US's take an account of OpenRouter's Business plan.`,
  );
}

/** Chats are tried once a day; the count of the free ones is told with the key. */
function freeCalls(
  { freeCallsToday }: KeyInfo,
  { model, otherModels }: Pick<CheckParameters, "model" | "otherModels">,
): Verdict[] {
  if (freeCallsToday === undefined || freeCallsToday.remaining > 0) return [];
  const free = [model, ...Object.values(otherModels)].filter((id) => parseModelId(id).variant === "free");
  if (free.length === 0) return [];
  return [
    warn(
      "free-calls",
      `the ${freeCallsToday.limit} calls a day of free models are used up, so ${[...new Set(free)].join(", ")} does not answer before midnight UTC`,
      "Use a paid model, or buy credit at https://openrouter.ai/settings/credits, which raises that number.",
    ),
  ];
}

function expiry(expiresAt: string | null | undefined, now: Date): Verdict[] {
  if (expiresAt === undefined) return [];
  if (expiresAt === null) return [pass("it does not expire")];
  const left = daysBetween(now, expiresAt);
  const date = expiresAt.slice(0, 10);
  if (left <= 0) return [fail(`it expired on ${date}`, replace)];
  if (left > daysBefore) return [pass(`it expires on ${date}`)];
  const when = left < 1 ? "within a day" : `in ${Math.floor(left)} days`;
  return [warn(`expires:${date}`, `it expires ${when} (${date})`, replace)];
}
