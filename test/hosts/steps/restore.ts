import { strict as assert } from "node:assert";
import { inHost } from "../parts";
import { addGatewayUser, bringProgram, prepareBare } from "../prepare";
import { Site } from "../site";
import type { Step } from "../step";
import { withoutOwnVault } from "./schedule";
import { firstUp } from "./up";

/**
 * The first host is off meanwhile. The first `up` of the second is killed with the whole host while it sets Vault up, and what it
 * left is removed: nobody restores onto a host that has another Vault.
 */
export const restore: Step = {
  id: "restore",
  title:
    "on a second host: killed in its first `up`, which then ends well; purged; `restore` of the first one's backup",
  notTried: (row) =>
    withoutOwnVault(row) ??
    (row.gateway === "container" ? "a container's folder moves with its owner's own backup" : undefined),
  async run(site) {
    const { row, host } = site;
    const key = site.key;
    await host.stop();
    const second = await Site.of(row, site.parts, `${site.folder}2`);
    try {
      await prepareBare(second);
      if (row.from === "first day") addGatewayUser(second);
      await second.host.stop();
      second.host.carry("/srv/openrouter", host);
      await second.boot();
      await second.seen("OpenRouter's stand-in", () => second.key === key);
      bringProgram(second);
      const running = second.host.start(["sh", "-c", firstUp(second)], second.deployer, {
        ...second.environment,
        OPENROUTER_API_KEY: key,
      });
      await second.seen(
        "Vault's container",
        () => second.sh("docker ps -q --filter name=vault").stdout !== "",
        400,
      );
      await second.host.kill();
      await running.outcome;
      await second.boot();
      second.must(`up --bundle ${inHost.bundle}`, { OPENROUTER_API_KEY: key });
      assert.equal(second.storedKey(), key);
      second.must("destroy --purge --yes");
      await second.host.stop();
      for (const path of [`${site.deployer.home}/.openclaw-openrouter-backups`, `${site.home}/shares.json`])
        second.host.carry(path, host, `/srv/medium/${path.split("/").at(-1)}`);
      await second.boot();
      const file = second.host
        .must(["sh", "-c", "ls /srv/medium/.openclaw-openrouter-backups/default/*.tar | tail -1"])
        .trim();
      second.must(`restore --from ${file} --share-file /srv/medium/shares.json --trust-archive --yes`);
      assert.equal(second.storedKey(), key);
      second.must("check");
      second.must("destroy --purge --yes");
    } finally {
      await second.remove();
      await site.boot();
      await site.seen("Vault is unsealed", () => site.isOpen() || site.run("vault unseal").code === 0);
    }
  },
};
