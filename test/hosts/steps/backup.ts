import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";
import { verify } from "./verify";

export const backupsFolder = "~/.openclaw-openrouter-backups/default";
export const newestBackup = `$(ls -t ${backupsFolder}/*.tar | head -1)`;

export const backup: Step = {
  id: "backup",
  title: "`backup create`, and `backup verify` of it",
  notTried: withoutOwnVault,
  run(site) {
    site.must("backup create");
    site.must(`backup verify ${newestBackup}`);
  },
};

export const rebuild: Step = {
  id: "rebuild",
  title: "`rebuild`: the same comes out",
  notTried: withoutOwnVault,
  async run(site) {
    site.must("rebuild --yes");
    await verify(site);
  },
};
