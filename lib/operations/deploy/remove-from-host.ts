import { openLoopback } from "../../host/loopback-rule";
import type { Deployment } from "../../model/deployment";
import { type Uninstallation, uninstall } from "../../openclaw/uninstall";
import { uninstallSchedules } from "../../session/schedule/schedule";

/** Takes away what an instance placed on the host besides its container: OpenClaw's files, and what the host runs by itself. */
export async function removeFromHost({ instance, home, settings }: Deployment): Promise<Uninstallation> {
  if (settings.vault.closeLoopback) await openLoopback(instance);
  await uninstallSchedules({ instance, home: home.root });
  return uninstall(home.root);
}
