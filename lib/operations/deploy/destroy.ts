import { UserError } from "../../core/errors";
import type { Progress } from "../../core/progress";
import { removeNetwork } from "../../docker/vault-network";
import { openLoopback } from "../../host/loopback-rule";
import type { Deployment } from "../../model/deployment";
import type { StackName } from "../../model/home-paths";
import { type Uninstallation, uninstall } from "../../openclaw/uninstall";
import { containerHost, type DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { type AskAdminToken, leaveExternalVault } from "../../session/external-vault";
import { readFitPlan } from "../../session/read-fit-plan";
import { requireStates } from "../../session/requirements";
import { uninstallSchedules } from "../../session/schedule/schedule";
import { homesRoot, instanceWithId, readInstance } from "../../store/home";
import { declaredKey } from "../../store/records/key-record";
import { initialize, terraformFor } from "../../terraform/terraform-stack";

/** What `destroy` removes, by stack: the rendered artifacts, then the container. The rest stays in Vault and in the state. */
const destroyed: readonly Destroyed[] = [
  // Terraform would look at the secret first, on which these files depend, and Vault may be down or sealed.
  { stack: "openrouter", type: "local_file", refresh: false },
  { stack: "vault", type: "docker_container", refresh: true },
];

interface Destroyed {
  readonly stack: StackName;
  readonly type: string;
  /** Whether Terraform looks first at what is to be removed, and at all that it depends on. */
  readonly refresh: boolean;
}

/**
 * Removes the container and the managed files of OpenClaw. Vault's data, the shares and the state stay, and the next deploy
 * uses them. In an external Vault, it removes the instance's roles and policies too, and the key stays.
 * @throws UserError if another instance directory is a copy of this one, or this one is the copy
 */
export async function destroy(context: DeployContext, askAdminToken: AskAdminToken): Promise<Uninstallation> {
  const { deployment } = context;
  requireNoCopy(deployment);
  await requireStates(context);
  await declare(context, declaredKey(deployment.home.root, undefined));
  if (deployment.external) await leaveExternalVault(deployment, context.phase, askAdminToken);
  await context.phase("Terraform", async (progress) => {
    if (deployment.external) await forgetIdentities(context, progress);
    for (const each of destroyed) await destroyType(context, each, progress);
    if (!deployment.external)
      await removeNetwork(containerHost(context).engine.api, deployment.network, context.instanceId);
  });
  return context.phase("OpenClaw's files and timers", () => removeFromHost(context.deployment));
}

/**
 * A copied instance directory has the id of its original, Terraform's states and the record of OpenClaw's files: to remove either
 * would remove the container and the files of the instance that is in use.
 * @throws UserError if there are two
 */
export function requireNoCopy({ instance, home }: Deployment): void {
  const other = instanceWithId(readInstance(home.root)?.id, instance);
  if (other === undefined) return;
  throw new UserError({
    problem: `The instance directories ${instance} and ${other} are one and the same instance: one is a copy. Nothing was changed.`,
    expected: "one directory for each instance",
    fix: `Move the copy out of ${homesRoot()}, then run this again.`,
  });
}

/** Removes the identities from the state only: Vault no longer has them, and Terraform would need one of them to log in. */
async function forgetIdentities(context: DeployContext, progress: Progress): Promise<void> {
  await initialize(context, "openrouter", progress);
  const terraform = terraformFor(context, "openrouter");
  await terraform.forget(
    (await terraform.stateAddresses()).filter((address) => address.startsWith("vault_")),
  );
}

async function destroyType(
  context: DeployContext,
  { stack, type, refresh }: Destroyed,
  progress: Progress,
): Promise<void> {
  await initialize(context, stack, progress);
  const terraform = terraformFor(context, stack);
  const targets = (await terraform.stateAddresses()).filter((address) => address.startsWith(`${type}.`));
  if (targets.length === 0) return;
  if (!(await terraform.plan(progress, { destroy: true, refresh, targets }))) return;
  await readFitPlan(context, terraform);
  await terraform.apply(progress);
  terraform.forgetPlan();
}

/** Removes what an instance placed on the host besides its container: OpenClaw's files, schedules, and the loopback rule. */
export async function removeFromHost({ instance, home, settings }: Deployment): Promise<Uninstallation> {
  if (settings.vault.closeLoopback) await openLoopback(instance);
  await uninstallSchedules({ instance, home: home.root });
  return uninstall(home.root);
}
