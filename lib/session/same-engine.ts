import { UserError } from "../core/errors";
import type { Engine } from "../docker/engine";
import { isOurs } from "../docker/ours";

/** What proves that an engine is the one of an instance: the volume with its Vault's data. */
export interface Proof {
  readonly volume: string;
  readonly instanceId: string | undefined;
}

/**
 * Whether an instance was deployed to this engine: by the recorded id; or, if its data folder was moved or its id made again, by
 * the instance's label on the volume with Vault's data.
 */
export async function isSameEngine(
  engine: Pick<Engine, "id" | "api">,
  recorded: string | undefined,
  { volume, instanceId }: Proof,
): Promise<boolean> {
  if (recorded === undefined || recorded === engine.id) return true;
  const found = await engine.api.inspectVolume(volume);
  return found !== undefined && isOurs(found, instanceId);
}

/** @throws UserError if the instance was deployed to another engine */
export async function requireSameEngine(
  engine: Engine,
  recorded: string | undefined,
  proof: Proof,
): Promise<void> {
  if (await isSameEngine(engine, recorded, proof)) return;
  throw new UserError({
    problem: "This is not the Docker Engine that this instance was deployed to: its Vault is not here.",
    got: `engine ${engine.id} at ${engine.socket} (${engine.namedBy}), without a volume ${proof.volume} of this instance`,
    expected: `engine ${recorded}, or any with that volume`,
    fix: "Name that engine's socket by DOCKER_HOST, or deploy another instance here with --instance.",
  });
}
