import { day } from "../core/time";
import { keyFingerprint } from "../model/openrouter-key";
import { findModel, leavesOn, targetOf } from "../openrouter/model-match";
import { spentOf } from "../openrouter/money";
import type { CheckResult, Measured } from "../report/check-report";
import type { CheckContext } from "./context";

/** The figures that the checks have read, for alerts and monitoring. Asks for nothing that no check has asked for. */
export async function measure(
  context: CheckContext,
  results: readonly CheckResult[],
): Promise<Measured | undefined> {
  const wasRun = (id: string) => results.some((result) => result.id === id && result.status !== "skip");
  const [secret, since, key, catalogue] = await Promise.all([
    wasRun("secret.present") ? context.secret().catch(() => undefined) : undefined,
    wasRun("secret.present") ? context.keySince().catch(() => undefined) : undefined,
    wasRun("key.valid") ? context.keyInfo().catch(() => undefined) : undefined,
    wasRun("models.known") ? context.catalogue().catch(() => undefined) : undefined,
  ]);
  if (!secret && !key && !catalogue) return undefined;
  const { model, otherModels, rotationDays } = context.parameters;
  const leave = [model, ...Object.values(otherModels)].flatMap((id) => {
    const found = catalogue && findModel(catalogue, id);
    const date = found && leavesOn(found, targetOf(catalogue, found));
    return date ? [[id, date]] : [];
  });
  return {
    ...(secret ? { key: keyFingerprint(secret.key) } : {}),
    ...(since ? { keyRotateBy: new Date(since.getTime() + rotationDays * day).toISOString() } : {}),
    ...(key ? spentOf(key) : {}),
    ...(key?.limit == null ? {} : { limitUsd: key.limit }),
    ...(key?.limitRemaining == null ? {} : { limitRemainingUsd: key.limitRemaining }),
    ...(key?.disabled === undefined ? {} : { keyDisabled: key.disabled }),
    ...(key?.expiresAt ? { keyExpires: key.expiresAt } : {}),
    ...(catalogue ? { modelsLeave: Object.fromEntries(leave) } : {}),
  };
}
