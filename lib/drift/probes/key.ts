import { OpenRouterFailure } from "../../openrouter/errors";
import type { KeyInfo } from "../../openrouter/schemas";
import { clientOf } from "../../session/client-of";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, ProbeSkipped } from "../finding";
import type { Probe } from "../probe";

const keysPage = "https://openrouter.ai/settings/keys";
const subject = "key at OpenRouter";
const replace = byPerson(
  `Create a new key at ${keysPage} and deploy it: openclaw-openrouter up --key-file FILE`,
);

/** Inspects the key at OpenRouter: whether it is accepted, and its limit. */
export const key: Probe = {
  id: "key",
  async inspect(context) {
    if (!context.options.network) return [];
    const { key: stored } = await context.secret();
    if (stored === undefined) throw new ProbeSkipped("no key is stored");
    const info = await ask(context, stored);
    if (!info) {
      const summary = "OpenRouter does not accept the key any more: it was revoked or disabled";
      return [
        drift({
          id: "key.refused",
          severity: "critical",
          subject,
          summary,
          expected: "accepted",
          actual: "refused",
          fix: replace,
        }),
      ];
    }
    const enable = byPerson(`Enable it at ${keysPage}, or create a new one.`);
    const summary = "The key was disabled at OpenRouter";
    const disabled = info.disabled
      ? [
          drift({
            id: "key.disabled",
            severity: "critical",
            subject,
            summary,
            field: "disabled",
            expected: "false",
            actual: "true",
            fix: enable,
          }),
        ]
      : [];
    return [...disabled, ...limit(context, info)];
  },
};

/** @returns undefined if OpenRouter refuses the key; other failures say nothing about the key and are thrown */
async function ask({ deployed, options }: DriftContext, key: string): Promise<KeyInfo | undefined> {
  try {
    return await clientOf(deployed, key, options.signal ? { signal: options.signal } : {}).getKey();
  } catch (error) {
    if (error instanceof OpenRouterFailure && error.kind === "key-invalid") return undefined;
    throw error;
  }
}

/** Compares the key's own limit, which stops an agent in a loop. A lowered limit is no finding. */
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
        summary:
          now === null
            ? "The key's limit was removed: it can spend all credit"
            : "The key's limit was raised",
        field: "limit",
        expected: `${was.toFixed(2)} USD`,
        actual: now === null ? "none" : `${now.toFixed(2)} USD`,
        fix: byPerson(
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
        summary: "The reset of the key's limit differs from the one at the deploy",
        field: "limit_reset",
        expected: reset ?? "never",
        actual: limitReset ?? "never",
        fix: byPerson(`Set it back at ${keysPage}; or accept it: openclaw-openrouter up`),
      }),
    );
  }
  return findings;
}
