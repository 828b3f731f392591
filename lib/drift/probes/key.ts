import { defined } from "../../core/defined";
import { ifError } from "../../core/errors";
import { keysPage } from "../../model/openrouter-key";
import { OpenRouterFailure } from "../../openrouter/errors";
import { hardLimitUsd } from "../../openrouter/money";
import type { KeyInfo } from "../../openrouter/schemas";
import { clientOf } from "../../session/test-key";
import type { DriftContext } from "../context";
import { drift, ProbeSkipped } from "../finding";
import { type Findings, probe } from "../probe";

const subject = "key at OpenRouter";

/** Inspects the key at OpenRouter: whether it is accepted, and its limit. */
export const key = probe("key", async (context) => {
  if (!context.options.network) return [];
  const { key: stored } = await context.secret();
  if (stored === undefined) throw new ProbeSkipped("no key is stored");
  const info = await ask(context, stored);
  if (!info)
    return drift("key.refused", "critical", subject, {
      summary: "OpenRouter does not accept the key any more: it was revoked or disabled",
      compared: ["accepted", "refused"],
      fix: `Create a new key at ${keysPage} and deploy it: openclaw-openrouter up --key-file FILE`,
    });
  const disabled = drift("key.disabled", "critical", subject, {
    summary: "The key was disabled at OpenRouter",
    compared: ["false", "true", "disabled"],
    fix: `Enable it at ${keysPage}, or create a new one.`,
  });
  return [info.disabled && disabled, limits(context, info)];
});

/** @returns undefined if OpenRouter refuses the key; other failures say nothing about the key and are thrown */
function ask({ deployed, options }: DriftContext, key: string): Promise<KeyInfo | undefined> {
  const isRefused = ({ kind }: OpenRouterFailure) => kind === "key-invalid";
  return clientOf(deployed, key, defined({ signal: options.signal }))
    .getKey()
    .catch(ifError(OpenRouterFailure, () => undefined, isRefused));
}

/** Compares the key's own limit, which stops an agent in a loop. A lowered limit is no finding. */
function limits({ deployed, record }: DriftContext, { limit, limitReset }: KeyInfo): Findings {
  const was = record?.key ? record.key.limit : hardLimitUsd(deployed.settings.budget);
  const reset = record?.key?.limitReset;
  const shown = (usd: number) => `${usd.toFixed(2)} USD`;
  return [
    was !== null &&
      (limit === null || limit > was + 1e-9) &&
      drift("key.limit", "critical", subject, {
        summary:
          limit === null
            ? "The key's limit was removed: it can spend all credit"
            : "The key's limit was raised",
        compared: [shown(was), limit === null ? "none" : shown(limit), "limit"],
        fix: `Set it back to ${shown(was)} at ${keysPage}; or accept it: openclaw-openrouter up`,
      }),
    reset !== undefined &&
      limitReset !== undefined &&
      reset !== limitReset &&
      drift("key.limit-reset", "major", subject, {
        summary: "The reset of the key's limit differs from the one at the deploy",
        compared: [reset ?? "never", limitReset ?? "never", "limit_reset"],
        fix: `Set it back at ${keysPage}; or accept it: openclaw-openrouter up`,
      }),
  ];
}
