import { reachEngine } from "../host/engine";
import { writeJson } from "../instance/files";
import { ensureHome, readInstance } from "../instance/home";
import type { Deployment } from "../model/deployment";
import { instanceLabel } from "../model/instance-label";
import type { Archive } from "./archive";
import { fillHome } from "./change-home";

/**
 * Fills the home of an instance that is not there yet from a backup. Where only the home was lost, and container or volumes
 * are still on this engine, they are the instance's again; else it gets an id of its own.
 */
export async function prepareHome(deployment: Deployment, archive: Archive): Promise<void> {
  const { home, dataVolume, container } = deployment;
  if (readInstance(home.root)) return;
  ensureHome(home.root);
  const { instanceId: id, created } = archive.manifest;
  const found = await reachEngine();
  if (found.state === "running") {
    const { api } = found.engine;
    const [volume, present] = await Promise.all([
      api.inspectVolume(dataVolume),
      api.inspectContainer(container),
    ]);
    const labels = [volume?.Labels, present?.Config.Labels];
    if (labels.some((each) => each?.[instanceLabel] === id)) writeJson(home.instance, { id, created });
  }
  fillHome(deployment, archive);
}
