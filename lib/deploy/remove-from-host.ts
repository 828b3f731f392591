import { uninstallSchedule } from "../check/schedule";
import type { Deployment } from "../model/deployment";
import { uninstall } from "../openclaw/install";

/** Takes away what an instance placed on the host besides its container: OpenClaw's files, and the check's timer. */
export async function removeFromHost({ instance, home }: Deployment): Promise<ReturnType<typeof uninstall>> {
  await uninstallSchedule({ instance, home: home.root });
  return uninstall(home.root);
}
