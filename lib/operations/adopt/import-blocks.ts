import { rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { readJsonIfThere, writeJson } from "../../core/files/files";
import { instanceLabel } from "../../model/instance-label";
import { containerHost, type DeployContext } from "../../session/context";
import { placeInHome } from "../../terraform/terraform-stack";

/** One import for Terraform: a declared resource, and its id for the provider. */
interface ImportBlock {
  readonly to: string;
  readonly id: string;
}

/** In a file beside the declaration: the existing resources differ between hosts, the declaration does not. */
function fileOf(context: DeployContext): string {
  return join(placeInHome(context, "vault").folder, "adopt.tf.json");
}

/**
 * Declares that the next plan of the first stack imports the existing volumes. Declare the stack first. The second stack
 * imports by itself what bootstrap wrote, except the secret: its provider would read the key into the state.
 */
export async function declareImports(context: DeployContext): Promise<void> {
  const blocks = await volumes(context);
  if (blocks.length > 0) writeJson(fileOf(context), { import: blocks });
}

export function forgetImports(context: DeployContext): void {
  rmSync(fileOf(context), { force: true });
}

const declaration = z.object({
  resource: z.record(z.string(), z.record(z.string(), z.record(z.string(), z.unknown()))).default({}),
});

/** The declared volumes. Their names are their ids. */
function declaredVolumes(context: DeployContext): ImportBlock[] {
  const file = join(placeInHome(context, "vault").folder, "cdk.tf.json");
  const resources = readJsonIfThere(file, declaration)?.resource.docker_volume ?? {};
  return Object.entries(resources).map(([name, options]) => ({
    to: `docker_volume.${name}`,
    id: String(options.name),
  }));
}

async function volumes(context: DeployContext): Promise<ImportBlock[]> {
  if (context.deployment.external) return [];
  const { api } = containerHost(context).engine;
  const found = await Promise.all(
    declaredVolumes(context).map(async (block) => {
      const labels = (await api.inspectVolume(block.id))?.Labels;
      return labels?.[instanceLabel] === context.instanceId ? [block] : [];
    }),
  );
  return found.flat();
}
