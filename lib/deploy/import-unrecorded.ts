import { z } from "zod";
import type { Progress } from "../progress";
import type { Plan } from "../terraform/plan";
import { VaultClient } from "../vault/client";
import { logIn } from "../vault/credentials";
import type { DeployContext } from "./context";
import { terraformFor } from "./terraform-stack";

const listing = z.object({ data: z.record(z.string(), z.unknown()).nullish() });

/** What Vault refuses to make where it is already: Terraform's type, where Vault lists it, and its path. */
const unique = [
  { type: "vault_audit", list: "sys/audit", path: "file" },
  { type: "vault_mount", list: "sys/mounts", path: "secret" },
] as const;

/**
 * Takes over what a plan would create and Vault has already: a run was cut off between its creation and Terraform's note of
 * it, or the state was lost. All else that the stack declares is written over what is there.
 * @returns whether anything was taken over: the plan is then out of date
 */
export async function importUnrecorded(
  context: DeployContext,
  plan: Plan,
  progress: Progress,
): Promise<boolean> {
  const created = plan.resource_changes.filter(({ change }) => change.actions.join() === "create");
  const wanted = unique.flatMap((kind) =>
    created.filter(({ type }) => type === kind.type).map(({ address }) => ({ ...kind, address })),
  );
  if (wanted.length === 0) return false;
  const { deployment } = context;
  const auditor = await logIn(VaultClient.at(deployment), deployment.home, "auditor");
  if (!auditor) return false;
  let taken = false;
  for (const { list, path, address } of wanted) {
    const { data } = await auditor.call({ path: list }, listing);
    if (!data?.[`${path}/`]) continue;
    progress(`openrouter: taking over ${path}/, which Vault has already`);
    await terraformFor(context, "openrouter").import(address, path);
    taken = true;
  }
  return taken;
}
