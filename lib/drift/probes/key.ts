import { clientOf } from "../../deploy/client-of";
import { OpenRouterFailure } from "../../openrouter/errors";
import type { KeyInfo } from "../../openrouter/schemas";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, NotLooked, type Probe } from "../finding";

const keysPage = "https://openrouter.ai/settings/keys";
const subject = "key at OpenRouter";
const replace = byPerson(
  `Make a new key at ${keysPage} and deploy it: openclaw-openrouter up --key-file FILE`,
);

/** What became of the key at OpenRouter. */
export const key: Probe = {
  id: "key",
  async look(context) {
    if (!context.options.network) return [];
    const { key: stored } = await context.secret();
    if (stored === undefined) throw new NotLooked("no key is stored");
    const info = await ask(context, stored);
    if (!info) {
      const seen = "OpenRouter does not accept the key any more: it was revoked, or disabled";
      return [
        drift({
          id: "key.refused",
          severity: "critical",
          subject,
          seen,
          declared: "accepted",
          found: "refused",
          mend: replace,
        }),
      ];
    }
    const enable = byPerson(`Enable it at ${keysPage}, or make a new one.`);
    const seen = "The key was disabled at OpenRouter";
    const disabled = info.disabled
      ? [
          drift({
            id: "key.disabled",
            severity: "critical",
            subject,
            seen,
            field: "disabled",
            declared: "false",
            found: "true",
            mend: enable,
          }),
        ]
      : [];
    return [...disabled, ...limit(context, info)];
  },
};

/** @returns undefined where OpenRouter refuses the key; other failures tell nothing about it */
async function ask({ deployed, options }: DriftContext, key: string): Promise<KeyInfo | undefined> {
  try {
    return await clientOf(deployed, key, options.signal ? { signal: options.signal } : {}).getKey();
  } catch (error) {
    if (error instanceof OpenRouterFailure && error.kind === "key-invalid") return undefined;
    throw error;
  }
}

/** The key's own limit is what stops an agent in a loop. That somebody lowered it is no harm. */
function limit({ deployed, record }: DriftContext, { limit: now, limitReset }: KeyInfo): Finding[] {
  const { hardLimitEur, usdPerEur } = deployed.settings.budget;
  const was = record?.key ? record.key.limit : hardLimitEur * usdPerEur;
  const findings: Finding[] = [];
  if (was !== null && (now === null || now > was + 1e-9)) {
    findings.push(
      drift({
        id: "key.limit",
        severity: "critical",
        subject,
        seen:
          now === null
            ? "The key's limit was removed: it may spend all credit"
            : "The key's limit was raised",
        field: "limit",
        declared: `${was.toFixed(2)} USD`,
        found: now === null ? "none" : `${now.toFixed(2)} USD`,
        mend: byPerson(
          `Set it back to ${was.toFixed(2)} USD at ${keysPage}; or accept it: openclaw-openrouter up`,
        ),
      }),
    );
  }
  const reset = record?.key?.limitReset;
  if (reset !== undefined && limitReset !== undefined && reset !== limitReset) {
    findings.push(
      drift({
        id: "key.limit-reset",
        severity: "major",
        subject,
        seen: "The key's limit is reset otherwise than at the deploy",
        field: "limit_reset",
        declared: reset ?? "never",
        found: limitReset ?? "never",
        mend: byPerson(`Set it back at ${keysPage}; or accept it: openclaw-openrouter up`),
      }),
    );
  }
  return findings;
}
