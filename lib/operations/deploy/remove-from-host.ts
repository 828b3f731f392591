import { openLoopback } from "../../host/loopback-rule";
import type { Deployment } from "../../model/deployment";
import { type Uninstallation, uninstall } from "../../openclaw/uninstall";
import { uninstallSchedules } from "../../session/schedule/schedule";

/** Removes what an instance placed on the host besides its container: OpenClaw's files, schedules, and the loopback rule. */
export async function removeFromHost({ instance, home, settings }: Deployment): Promise<Uninstallation> {
  if (settings.vault.closeLoopback) await openLoopback(instance);
  await uninstallSchedules({ instance, home: home.root });
  return uninstall(home.root);
}
