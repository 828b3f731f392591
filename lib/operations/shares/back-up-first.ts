import type { DeployContext } from "../../session/context";

/** Makes a backup of the present Vault, where somebody wants one, before what opens it is changed. */
export async function backUpFirst(context: DeployContext, isWanted: () => Promise<boolean>): Promise<void> {
  if (!(await isWanted())) return;
  const { makeBackup } = await import("../../backup/make-backup");
  await context.phase(
    "Backup",
    (progress) => makeBackup(context, { progress }),
    ({ record }) => record.file,
  );
}
