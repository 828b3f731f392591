import type { Deployment } from "../../model/deployment";
import { keysPage } from "../../model/openrouter-key";
import { usd, withRate } from "../../openrouter/money";
import type { EngineContext } from "../../session/context";
import { testKey } from "../../session/test-key";
import { hardLimit } from "../key/make-key";

/** Where a person makes a key, and with which limit. */
export function whereToMakeAKey(settings: Deployment["settings"]): string {
  return `Make one at ${keysPage}: limit ${usd(hardLimit(settings).limit)}, reset monthly`;
}

interface RemindOptions extends Pick<EngineContext, "deployment" | "say" | "signal"> {
  readonly key: string;
  /** Waits until a person presses Enter. */
  readonly waitForEnter: (message: string) => Promise<unknown>;
}

/**
 * Tells a person, before a given key is deployed, that it has no limit at OpenRouter; waits while the person sets one there, and
 * asks again. The deploy continues either way. Does nothing if OpenRouter does not accept the key: the deploy reports that.
 */
export async function remindOfLimit(options: RemindOptions): Promise<void> {
  const { deployment, key, say, signal } = options;
  const { settings } = deployment;
  const limit = async () => {
    const tested = await testKey(deployment, key, signal);
    return tested.works ? tested.info.limit : undefined;
  };
  if ((await limit()) !== null) return;
  say(
    `This key has no limit: an agent in a loop could spend the account's credit.\nSet one at ${keysPage}: ${usd(hardLimit(settings).limit)}, reset monthly.`,
  );
  await options.waitForEnter("Press Enter when it is set, or to go on without:");
  const now = await limit();
  say(
    typeof now === "number"
      ? `The key has a limit of ${withRate(now, settings.budget)} now.`
      : "The key still has no limit, and is deployed so: the check reports it until it has one.",
  );
}
