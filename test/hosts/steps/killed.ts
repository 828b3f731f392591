import { strict as assert } from "node:assert";
import type { Step } from "../step";
import { backupsFolder, newestBackup } from "./backup";
import { bootAgain } from "./restarts";
import { withoutOwnVault } from "./schedule";
import { verify } from "./verify";

export const killedUp: Step = {
  id: "killed-up",
  title: "the whole host killed in the middle of `up`: the next one ends it",
  async run(site) {
    const settings = `${site.home}/openrouter.settings.json`;
    site.mustSh(`sed -i 's/^{/{ "budget": { "hardLimitEur": 29 },/' ${settings}`);
    const running = site.host.start(["sh", "-c", site.command("up")], site.deployer, site.environment);
    await site.seen("Terraform works", () => running.said().includes("Vault"));
    await site.host.kill();
    assert.notEqual((await running.outcome).code, 0);
    await bootAgain(site);
    site.must("up");
    assert.match(site.must("up"), /nothing changed/);
    await verify(site);
  },
};

export const killedBackup: Step = {
  id: "killed-backup",
  title: "the whole host killed in the middle of a backup: the next one is whole",
  notTried: withoutOwnVault,
  async run(site) {
    const running = site.host.start(
      ["sh", "-c", site.command("backup create")],
      site.deployer,
      site.environment,
    );
    await site.seen("the backup began", () => running.said().includes("Vault"));
    await site.host.kill();
    await running.outcome;
    await bootAgain(site);
    site.must("backup create");
    site.must(`backup verify ${newestBackup}`);
    const left = site.mustSh(`ls -A ${backupsFolder}`).trim().split("\n");
    assert.deepEqual(
      left.filter((name) => !/^default-\w+\.tar$/.test(name)),
      [],
    );
    await verify(site);
  },
};
