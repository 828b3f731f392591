import { z } from "zod";
import { UserError } from "../errors";

const change = z.object({ actions: z.array(z.string()) });

/** What is read of `terraform show -json <plan>`. Values are left out: some are secrets, masked only by a sibling field. */
export const planSchema = z.object({
  resource_changes: z.array(z.object({ address: z.string(), type: z.string(), change })).default([]),
});
export type Plan = z.output<typeof planSchema>;

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
 * @param remedy what writes it
 */
export function refuseUnwritable(plan: Plan, remedy: string): void {
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
    remedy,
  });
}

/** The refusal of a plan that would cost data. @param got what would go */
export function dataLoss(got: string): UserError {
  return new UserError({
    problem: "The plan would delete what holds the secrets. Nothing was changed.",
    got,
    expected: "volumes, mount and secret that stay",
    remedy:
      "Take back the change of names in the settings. To throw the data away: `npx openclaw-openrouter destroy --purge`.",
  });
}
