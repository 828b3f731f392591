import { z } from "zod";
import { UserError } from "../core/errors";
import { instanceLabel } from "../model/instance-label";

const labels = z.array(z.object({ label: z.string(), value: z.string() }));

const change = z.object({
  actions: z.array(z.string()),
  /** As the engine had it just now. */
  before: z.object({ labels: labels.nullish() }).nullish().catch(undefined),
});

/**
 * What is read of `terraform show -json <plan>`. Values but labels are left out: some are secrets, masked only by a sibling
 * field.
 */
export const planSchema = z.object({
  resource_changes: z.array(z.object({ address: z.string(), type: z.string(), change })).default([]),
});
export type Plan = z.output<typeof planSchema>;

/**
 * Refuses a plan that would cost data, or something of another program's.
 * @throws UserError
 */
export function refuseLoss(plan: Plan, instanceId: string): void {
  refuseDataLoss(plan);
  refuseForeignLoss(plan, instanceId);
}

/** What may not be lost is not Terraform's to delete: the volumes, the mount, and the secret. */
const keptTypes = new Set(["docker_volume", "vault_mount", "vault_kv_secret_v2"]);

/**
 * Refuses a plan that would delete or replace data. `prevent_destroy` goes with the block that holds it, so it does not
 * guard against a resource that left the declaration.
 */
export function refuseDataLoss(plan: Plan): void {
  const lost = plan.resource_changes.filter(
    ({ type, change }) => keptTypes.has(type) && change.actions.includes("delete"),
  );
  if (lost.length === 0) return;
  throw dataLoss(lost.map(({ address, change }) => `${address}: ${change.actions.join(" and ")}`).join("; "));
}

/** What bootstrap, or an admin of an external Vault, writes: the deployer may only read it. */
export const writtenByBootstrap: ReadonlySet<string> = new Set([
  "vault_audit",
  "vault_mount",
  "vault_policy",
  "vault_approle_auth_backend_role",
]);

/**
 * Refuses a plan that would write what the deployer may only read: Vault would refuse it half-way, and say 403 alone.
 * @param fix what writes it
 */
export function refuseUnwritable(plan: Plan, fix: string): void {
  const written = plan.resource_changes.filter(
    ({ type, change }) =>
      writtenByBootstrap.has(type) &&
      change.actions.some((action) => !["no-op", "read", "forget"].includes(action)),
  );
  if (written.length === 0) return;
  throw new UserError({
    problem:
      "What was written into Vault beside the key was changed, and Terraform may not change it back. Nothing was changed.",
    got: written.map(({ address, change }) => `${address}: ${change.actions.join(" and ")}`).join("; "),
    expected: "audit device, mount, policies and roles as they were deployed",
    fix,
  });
}

/** What other programs may have on the same engine. */
const labelledTypes = new Set(["docker_container", "docker_network"]);

/**
 * Refuses a plan that would remove what lacks the instance's label: a state says which containers are ours, and may be wrong.
 * @throws UserError
 */
export function refuseForeignLoss(plan: Plan, instanceId: string): void {
  const foreign = plan.resource_changes.find(
    ({ type, change }) =>
      labelledTypes.has(type) &&
      change.actions.includes("delete") &&
      !change.before?.labels?.some(({ label, value }) => label === instanceLabel && value === instanceId),
  );
  if (!foreign) return;
  throw new UserError({
    problem: "The plan would remove something of another program's from the engine. Nothing was changed.",
    got: `${foreign.address}: ${foreign.change.actions.join(" and ")}`,
    expected: `only what is labelled ${instanceLabel}=${instanceId}`,
    fix: "The state tells what is not so. Take the one of a backup, or: openclaw-openrouter state adopt",
  });
}

/** The refusal of a plan that would cost data. @param got what would go */
export function dataLoss(got: string): UserError {
  return new UserError({
    problem: "The plan would delete what holds the secrets. Nothing was changed.",
    got,
    expected: "volumes, mount and secret that stay",
    fix: "Take back the change of names in the settings. To throw the data away: `openclaw-openrouter destroy --purge`.",
  });
}
