import { randomBytes } from "node:crypto";
import { wrongUsage } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { testKey } from "../../session/test-key";
import type { HostEntry } from "../../store/records/hosts-record";
import { addPendingCleanup } from "../../store/records/pending-cleanups";
import { atOpenRouter, openAccount } from "../key/account";
import { hardLimit } from "../key/make-key";

/** How a host gets its key: one that a person gives, or one that a management key makes. */
export interface KeySource {
  readonly given?: string;
  readonly managementKey?: string;
  /** The monthly limit of a key that is made, in EUR. @default the settings' hard limit */
  readonly limitEur?: number;
}

/** A host's key, and what is recorded of it. */
export interface HostKey {
  readonly key: string;
  readonly made?: HostEntry["key"];
}

/**
 * Gets a host's key. A given one is tried; one that is made has a monthly limit.
 * @param store stores it. If that fails, a key that was made becomes a pending key cleanup
 * @returns undefined if neither a key nor a management key is given
 * @throws UserError if OpenRouter refuses it, or makes none
 */
export async function keyForHost(
  deployment: Deployment,
  name: string,
  source: KeySource,
  { signal, store }: { signal: AbortSignal; store: (key: string) => Promise<unknown> },
): Promise<HostKey | undefined> {
  if (source.given !== undefined) {
    const tested = await testKey(deployment, source.given, signal);
    if (!tested.works)
      throw wrongUsage({
        problem: "OpenRouter does not accept the host's key. Nothing was changed.",
        got: tested.why,
        expected: "a key that OpenRouter's auth/key accepts",
        fix: "Create one at https://openrouter.ai/settings/keys with a credit limit.",
      });
    await store(source.given);
    return { key: source.given };
  }
  if (source.managementKey === undefined) return undefined;
  const { manager } = await openAccount(deployment, source.managementKey, signal);
  const unique = `openclaw-openrouter ${deployment.instance} host ${name} ${randomBytes(4).toString("hex")}`;
  try {
    const { key, item } = await atOpenRouter(
      "OpenRouter made no key for the host. Nothing was changed.",
      () => manager.create({ name: unique, ...limitOf(deployment, source) }),
    );
    await store(key);
    return { key, made: { hash: item.hash, label: item.label, limit: item.limit } };
  } catch (error) {
    // It can exist all the same, for example if the answer was lost.
    const since = new Date().toISOString();
    addPendingCleanup(deployment.home, { kind: "remove", name: unique, since, graceSeconds: 0 });
    throw error;
  }
}

function limitOf({ settings }: Deployment, { limitEur }: KeySource) {
  const hardLimitEur = limitEur ?? settings.budget.hardLimitEur;
  return hardLimit({ ...settings, budget: { ...settings.budget, hardLimitEur } });
}
