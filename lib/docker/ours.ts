import { UserError } from "../core/errors";
import { instanceLabel } from "../model/instance-label";
import type { EngineApi } from "./engine-api";
import type { EngineContainer } from "./schemas";

type Labels = Readonly<Record<string, string>>;

/** Whether it has the instance's label. */
export function isOurs(
  found: { readonly Labels: Labels } | { readonly Config: { readonly Labels: Labels } },
  instanceId: string | undefined,
): boolean {
  const labels = "Config" in found ? found.Config.Labels : found.Labels;
  return instanceId !== undefined && labels[instanceLabel] === instanceId;
}

/** The container of that name, if it runs and belongs to the instance. */
export async function runningContainer(
  engine: EngineApi,
  name: string,
  instanceId: string,
): Promise<EngineContainer | undefined> {
  const container = await engine.inspectContainer(name);
  return container && isOurs(container, instanceId) && container.State.Status === "running"
    ? container
    : undefined;
}

/** Something has a name of the instance and lacks its label: it is unmanaged, and stays unchanged. */
class NotOurs extends UserError {}

/**
 * The container of this name.
 * @returns undefined if there is none
 * @throws NotOurs
 */
export async function ourContainer(
  engine: EngineApi,
  name: string,
  instanceId: string,
  fixOf?: FixOf,
): Promise<EngineContainer | undefined> {
  const container = await engine.inspectContainer(name);
  if (container) requireOurs(`container ${name}`, container.Config.Labels, instanceId, fixOf);
  return container;
}

/** The same for a volume. @returns whether there is one */
export async function isOurVolume(
  engine: EngineApi,
  name: string,
  instanceId: string,
  fixOf?: FixOf,
): Promise<boolean> {
  const volume = await engine.inspectVolume(name);
  if (volume) requireOurs(`volume ${name}`, volume.Labels, instanceId, fixOf);
  return volume !== undefined;
}

/** How to fix it. @param owner the id of the instance that it belongs to */
type FixOf = (owner: string | undefined) => string;

export const otherName: FixOf = () =>
  "Set `vault.container` in the settings to another name, or remove that one if it is not needed.";

/** @throws NotOurs */
export function requireOurs(
  what: string,
  labels: Labels,
  instanceId: string,
  fixOf: FixOf = otherName,
): void {
  const owner = labels[instanceLabel];
  if (owner === instanceId) return;
  throw new NotOurs({
    problem: `There is a ${what} on this engine already, and it is not this instance's. It was not touched.`,
    got: owner
      ? `one that belongs to the instance with id ${owner}`
      : "one without the label of this project",
    expected: `none, or one labelled ${instanceLabel}=${instanceId}`,
    fix: fixOf(owner),
  });
}
