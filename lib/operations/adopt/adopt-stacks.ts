import { makeBackup } from "../../backup/make-backup";
import { UserError } from "../../core/errors";
import type { Progress } from "../../core/progress";
import type { StackName } from "../../model/home-paths";
import { type ApplyOptions, applyStack, unrecordedContainer } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { findStoredKey } from "../../session/read-stored-key";
import { declaredKey } from "../../store/records/key-record";
import { VaultClient } from "../../vault/client";
import { recordKey } from "../deploy/deploy";
import { declareImports, forgetImports } from "./import-blocks";

interface AdoptStacksProps {
  /** The stacks whose states are missing. */
  readonly lost: readonly StackName[];
  /** Called with the file of the backup that precedes the replacement of the container. */
  readonly onBackup: (file: string) => void;
}

/**
 * Applies both stacks, and imports the existing resources of each stack that lost its state. The container is re-created on its
 * volumes: its provider does not read the environment and labels back, so an import could not detect a difference.
 * @returns true: an adoption always changes something
 */
export async function adoptStacks(
  context: DeployContext,
  { lost, onBackup }: AdoptStacksProps,
  { key, isVaultOpen }: ApplyOptions,
  progress: Progress,
): Promise<true> {
  if (isVaultOpen && (await isContainerReplaced(context, lost)))
    onBackup((await makeBackup(context, { progress })).record.file);
  try {
    if (lost.includes("vault")) await declareImports(context);
    await applyStack(context, "vault", key, progress);
  } finally {
    forgetImports(context);
  }

  // Only the state records that a key is stored. Without it, the stored key is written again.
  const isSecretLost = lost.includes("openrouter");
  const stored = key ?? (isSecretLost ? await storedKey(context) : undefined);
  const declared = declaredKey(context.deployment.home.root, stored);
  await declare(context, declared);
  await applyStack(context, "openrouter", stored, progress);
  recordKey(context, { ...declared, key: stored });
  return true;
}

async function storedKey({ deployment }: DeployContext): Promise<string> {
  const stored = await findStoredKey(VaultClient.at(deployment), deployment.home);
  if (stored?.key) return stored.key;
  throw noKeyToStore(deployment.instance);
}

/** The error of an adoption that has no key to store again. */
export function noKeyToStore(instance: string): UserError {
  return new UserError({
    problem: "No OpenRouter key is in Vault to store again.",
    got: "no secret/openrouter, or none with the field api_key",
    expected: "a key by --key-file or --key-stdin; in CI by OPENROUTER_API_KEY",
    fix: `openclaw-openrouter state adopt --key-file FILE --instance ${instance}`,
  });
}

/** Whether this run replaces the container. A run that resumes an interrupted one does not replace it again. */
async function isContainerReplaced(context: DeployContext, lost: readonly StackName[]): Promise<boolean> {
  if (context.deployment.external || !lost.includes("vault")) return false;
  return (await unrecordedContainer(context)) !== undefined;
}
