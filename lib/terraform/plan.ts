import { z } from "zod";
import { UserError } from "../core/errors";
import { instanceLabel } from "../model/instance-label";
import { artifactNames } from "../model/openclaw/openclaw";
import { isHarmless, writtenByBootstrap } from "./judge-state";

const labels = z.array(z.object({ label: z.string(), value: z.string() }));

const change = z.object({
  actions: z.array(z.string()),
  /** The current resource. */
  before: z
    .object({
      id: z.string().nullish(),
      labels: labels.nullish(),
      filename: z.string().nullish(),
      keep_locally: z.boolean().nullish(),
    })
    .nullish()
    .catch(undefined),
});

/**
 * The parts of `terraform show -json <plan>` that are read. Of the values, only ids, labels, paths and whether an image is
 * kept are read: others may be secrets, which only a sibling field marks.
 */
export const planSchema = z.object({
  resource_changes: z.array(z.object({ address: z.string(), type: z.string(), change })).default([]),
});
export type Plan = z.output<typeof planSchema>;

/**
 * Refuses a plan that would delete data or unmanaged resources.
 * @throws UserError
 */
export function refuseLoss(plan: Plan, instanceId: string): void {
  refuseDataLoss(plan);
  refuseForeignLoss(plan, instanceId);
  refuseUndeclaredLoss(plan);
}

/** The types of resources that Terraform must not delete: the volumes, the mount, and the secret. */
const keptTypes = new Set(["docker_volume", "vault_mount", "vault_kv_secret_v2"]);

/**
 * Refuses a plan that would delete or replace data. `prevent_destroy` disappears with its block, so it does not protect a
 * resource that is no longer declared.
 */
export function refuseDataLoss(plan: Plan): void {
  const lost = plan.resource_changes.filter(
    ({ type, change }) => keptTypes.has(type) && change.actions.includes("delete"),
  );
  if (lost.length === 0) return;
  throw dataLoss(lost.map(({ address, change }) => `${address}: ${change.actions.join(" and ")}`).join("; "));
}

/**
 * Refuses a plan that would write what the deployer can only read: Vault would refuse it half-way, with only a 403.
 * @param fix the command that writes it
 */
export function refuseUnwritable(plan: Plan, fix: string): void {
  const written = plan.resource_changes.filter(
    ({ type, change }) =>
      writtenByBootstrap.includes(type) &&
      change.actions.some((action) => !["no-op", "read", "forget"].includes(action)),
  );
  if (written.length === 0) return;
  throw new UserError({
    problem:
      "The configuration in Vault differs, and Terraform has no permission to change it back. Nothing was changed.",
    got: written.map(({ address, change }) => `${address}: ${change.actions.join(" and ")}`).join("; "),
    expected: "audit device, mount, policies and roles as they were deployed",
    fix,
  });
}

const stateIsWrong = "The state is wrong. Restore it from a backup, or run: openclaw-openrouter state adopt";

/** The types of resources that other programs may have on the same engine. */
const labelledTypes = new Set(["docker_container", "docker_network"]);

/**
 * Refuses a plan that would remove a resource without the instance's label: the state may wrongly name an unmanaged one. Of a
 * container, the provider does not read the labels back, so these are the state's: see {@link changedContainers}.
 * @throws UserError
 */
export function refuseForeignLoss(plan: Plan, instanceId: string): void {
  const foreign = plan.resource_changes.find(
    ({ type, change }) =>
      labelledTypes.has(type) &&
      change.actions.includes("delete") &&
      !change.before?.labels?.some(({ label, value }) => label === instanceLabel && value === instanceId),
  );
  if (foreign) throw foreignLoss(foreign, instanceId);
}

type Change = Plan["resource_changes"][number];

/** The changes of a plan to existing containers. */
export function changedContainers(plan: Plan): Change[] {
  return plan.resource_changes.filter(
    ({ type, change }) =>
      type === "docker_container" && ["update", "delete"].some((action) => change.actions.includes(action)),
  );
}

/** The refusal of a plan that would change or remove what is not the instance's. */
export function foreignLoss({ address, change }: Change, instanceId: string): UserError {
  return new UserError({
    problem: "The plan would change or remove an unmanaged resource of the engine. Nothing was changed.",
    got: `${address}: ${change.actions.join(" and ")}`,
    expected: `only what is labelled ${instanceLabel}=${instanceId}`,
    fix: stateIsWrong,
  });
}

/**
 * Refuses a plan that would delete what no stack declares. The state was judged before, but one in another backend can change
 * between that and the plan.
 * @throws UserError
 */
function refuseUndeclaredLoss(plan: Plan): void {
  const foreign = plan.resource_changes.find(
    ({ type, change }) => change.actions.includes("delete") && !isHarmless(type, change.before ?? {}),
  );
  if (!foreign) return;
  throw new UserError({
    problem: "The plan would delete what no stack of this program declares. Nothing was changed.",
    got: [foreign.address, foreign.change.before?.filename].filter(Boolean).join(": "),
    expected: `only resources that the stacks declare; of files only ${artifactNames.join(", ")} in the folder rendered of the instance directory`,
    fix: stateIsWrong,
  });
}

/** The refusal of a plan that would delete data. @param got the data that it would delete */
export function dataLoss(got: string): UserError {
  return new UserError({
    problem: "The plan would delete what holds the secrets. Nothing was changed.",
    got,
    expected: "a plan that keeps volumes, mount and secret",
    fix: "Undo the change of names in the settings. To delete the data: `openclaw-openrouter destroy --purge`.",
  });
}
