import { type UserError, wrongUsage } from "../../core/errors";
import type { Deployment } from "../../model/deployment";
import { namesAt } from "../../model/vault/vault-names";
import type { DeployContext } from "../../session/context";
import type { StoredKey } from "../../session/read-stored-key";
import { readKeyRecord } from "../../store/records/key-record";

/** Whether no key was deployed yet to an external Vault, whose owner can have stored one. */
export function isFirstInExternal({ home, external }: Deployment): boolean {
  return external !== undefined && readKeyRecord(home).version === 0;
}

/**
 * The key for a Vault that holds none: an external one at the first deploy, or one from which it was deleted.
 * @throws UserError if none is typed
 */
export async function missingKey(
  { deployment, say }: Pick<DeployContext, "deployment" | "say">,
  stored: StoredKey | undefined,
  { askKey }: { readonly askKey: () => Promise<string | undefined> },
): Promise<string> {
  const { keyPath } = namesAt(deployment);
  const fields = stored?.otherFields?.join(", ");
  if (fields)
    say(`! ${keyPath} has no key in the field api_key, from which OpenClaw reads it. It has: ${fields}`);
  const key = await askKey();
  if (key !== undefined) return key;
  throw isFirstInExternal(deployment) ? noKey(deployment.instance) : deletedKey(deployment);
}

/** The error of a first deploy without a key. */
export function noKey(instance: string): UserError {
  return wrongUsage({
    problem: `The instance ${instance} has no OpenRouter key yet, and none was given.`,
    expected: "a key at the prompt of a terminal, by --key-file or --key-stdin; in CI by OPENROUTER_API_KEY",
    fix: `openclaw-openrouter up --instance ${instance} --key-file FILE`,
  });
}

function deletedKey({ instance, external }: Deployment): UserError {
  return wrongUsage({
    problem: "The key was deleted from Vault, and none was given.",
    got: `no current version of ${namesAt({ external }).keyPath} with the field api_key`,
    expected: "the key at the prompt of a terminal, by --key-file or --key-stdin",
    fix: `openclaw-openrouter drift --fix --instance ${instance}\nwhich restores it from an earlier version, if Vault has one; else give it again:\nopenclaw-openrouter up --instance ${instance} --key-file FILE`,
  });
}
