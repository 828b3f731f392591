import { instanceLabel } from "../model/instance-label";
import type { EngineApi, EngineContainer } from "./engine-api";

/** The container of that name, if it runs and belongs to the instance. */
export async function runningContainer(
  engine: EngineApi,
  name: string,
  instanceId: string,
): Promise<EngineContainer | undefined> {
  const container = await engine.inspectContainer(name);
  const isOurs = container?.Config.Labels?.[instanceLabel] === instanceId;
  return isOurs && container.State.Status === "running" ? container : undefined;
}
