import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../../instance/files";
import type { StackName } from "../../model/home-paths";
import { instanceLabel } from "../../model/instance-label";
import { VaultClient } from "../../vault/client";
import { logIn } from "../../vault/credentials";
import { containerHost, type DeployContext } from "../context";
import { placeInHome } from "../terraform-stack";

/** What Terraform is told to take over: a declared resource, and what its provider knows it by. */
interface ImportBlock {
  readonly to: string;
  readonly id: string;
}

/** Beside the declaration, in a file of its own: what is there differs from host to host, the declaration does not. */
function fileOf(context: DeployContext, stack: StackName): string {
  return join(placeInHome(context, stack).folder, "adopt.tf.json");
}

/** Declares that what is there of a stack is taken over by its next plan. The stack must have been declared. */
export async function declareImports(context: DeployContext, stack: StackName): Promise<void> {
  const blocks = stack === "vault" ? await volumes(context) : await inVault(context);
  if (blocks.length > 0) writeJson(fileOf(context, stack), { import: blocks });
}

export function forgetImports(context: DeployContext, stack: StackName): void {
  rmSync(fileOf(context, stack), { force: true });
}

const declaration = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

/** The declared resources of a type that are known by one of their own options. */
function declared(context: DeployContext, stack: StackName, type: string, option: string): ImportBlock[] {
  const file = join(placeInHome(context, stack).folder, "cdk.tf.json");
  const resources = readJsonIfThere(file, declaration)?.resource[type] ?? {};
  return Object.entries(resources).map(([name, options]) => ({
    to: `${type}.${name}`,
    id: String(options[option]),
  }));
}

async function volumes(context: DeployContext): Promise<ImportBlock[]> {
  if (context.deployment.existing) return [];
  const { api } = containerHost(context).engine;
  const found = await Promise.all(
    declared(context, "vault", "docker_volume", "name").map(async (block) => {
      const labels = (await api.inspectVolume(block.id))?.Labels;
      return labels?.[instanceLabel] === context.instanceId ? [block] : [];
    }),
  );
  return found.flat();
}

const listing = z.object({ data: z.record(z.string(), z.unknown()).nullish() });
const names = z.object({ data: z.object({ keys: z.array(z.string()) }) });

/** The roles are taken over by the declaration itself. The secret is not: its provider would read the key into the state. */
async function inVault(context: DeployContext): Promise<ImportBlock[]> {
  const { deployment } = context;
  const auditor = await logIn(VaultClient.at(deployment), deployment.home, "auditor");
  if (!auditor) return [];
  const policies = await auditor.call({ method: "LIST", path: "sys/policies/acl" }, names);
  const blocks = declared(context, "openrouter", "vault_policy", "name").filter(({ id }) =>
    policies.data.keys.includes(id),
  );
  for (const [type, path] of [
    ["vault_audit", "sys/audit"],
    ["vault_mount", "sys/mounts"],
  ] as const) {
    const { data } = await auditor.call({ path }, listing);
    blocks.push(...declared(context, "openrouter", type, "path").filter(({ id }) => data?.[`${id}/`]));
  }
  return blocks;
}
