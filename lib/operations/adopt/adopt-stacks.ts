import { makeBackup } from "../../backup/make-backup";
import { UserError } from "../../core/errors";
import type { Progress } from "../../core/progress";
import type { StackName } from "../../model/home-paths";
import {
  type ApplyOptions,
  applyStack,
  removeContainer,
  unrecordedContainer,
} from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { readKey } from "../../session/read-stored-key";
import { renewal } from "../../session/require-vault";
import { declaredKey } from "../../store/key-record";
import { setDamagedAside } from "../../terraform/interrupted";
import { refuseLoss, refuseUnwritable } from "../../terraform/plan";
import { initialize, terraformFor } from "../../terraform/terraform-stack";
import { VaultClient } from "../../vault/client";
import { logIn } from "../../vault/log-in";
import { recordKey } from "../deploy/deploy";
import { declareImports, forgetImports } from "./import-blocks";

export interface AdoptStacksProps {
  /** The stacks whose states are gone. */
  readonly lost: readonly StackName[];
  /** Told the file of the backup that is made before the container is replaced. */
  readonly onBackup: (file: string) => void;
}

/**
 * Applies both stacks, those that lost their state by taking over what is there. The container is re-created over its volumes:
 * its environment and labels are never read back, so that Terraform could not tell what it took over.
 * @returns that something was changed
 */
export async function adoptStacks(
  context: DeployContext,
  { lost, onBackup }: AdoptStacksProps,
  { key, isVaultOpen }: ApplyOptions,
  progress: Progress,
): Promise<true> {
  if (isVaultOpen && (await isContainerReplaced(context, lost)))
    onBackup((await makeBackup(context, { progress })).record.file);
  if (lost.includes("vault")) await takeOver(context, "vault", key, progress);
  else await applyStack(context, "vault", key, progress);

  // The state alone told that a key is stored: without it the one that is there is stored once more.
  const isSecretLost = lost.includes("openrouter");
  const stored = key ?? (isSecretLost ? await storedKey(context) : undefined);
  const declared = declaredKey(context.deployment.home.root, stored);
  await declare(context, declared);
  if (isSecretLost) await takeOver(context, "openrouter", stored, progress);
  else await applyStack(context, "openrouter", stored, progress);
  recordKey(context, { ...declared, key: stored });
  return true;
}

async function storedKey({ deployment }: DeployContext): Promise<string> {
  // The reader's policy may be gone as well.
  for (const identity of ["reader", "auditor"] as const) {
    const client = await logIn(VaultClient.at(deployment), deployment.home, identity);
    const stored = client && (await readKey(client));
    if (stored?.key) return stored.key;
  }
  throw new UserError({
    problem: "No OpenRouter key is in Vault that could be stored once more.",
    got: "no secret/openrouter, or none with the field api_key",
    expected: "a key by --key-file or --key-stdin; in CI by OPENROUTER_API_KEY",
    fix: `openclaw-openrouter state adopt --key-file FILE --instance ${deployment.instance}`,
  });
}

/** A run that goes on from one that was interrupted replaces nothing any more. */
async function isContainerReplaced(context: DeployContext, lost: readonly StackName[]): Promise<boolean> {
  if (context.deployment.external || !lost.includes("vault")) return false;
  return (await unrecordedContainer(context)) !== undefined;
}

async function takeOver(
  context: DeployContext,
  stack: StackName,
  key: string | undefined,
  progress: Progress,
): Promise<void> {
  try {
    if (stack === "vault") await declareImports(context);
    setDamagedAside(context.deployment.home.state(stack));
    await initialize(context, stack, progress);
    const terraform = terraformFor(context, stack, key);
    if (!(await terraform.plan(progress))) return;
    const plan = await terraform.show();
    refuseLoss(plan, context.instanceId);
    refuseUnwritable(plan, renewal(context.deployment));
    const unrecorded =
      stack === "vault" && !context.deployment.external ? await unrecordedContainer(context) : undefined;
    if (unrecorded) await removeContainer(context, unrecorded);
    await terraform.apply(progress);
    terraform.forgetPlan();
  } finally {
    forgetImports(context);
  }
}
