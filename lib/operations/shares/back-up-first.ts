import type { DeployContext } from "../../session/context";

/** Backs Vault up, if the person wants a backup, before its shares change. */
export async function backUpFirst(context: DeployContext, isWanted: () => Promise<boolean>): Promise<void> {
  if (!(await isWanted())) return;
  const { makeBackup } = await import("../../backup/make-backup");
  await context.phase(
    "Backup",
    (progress) => makeBackup(context, { progress }),
    ({ record }) => record.file,
  );
}
