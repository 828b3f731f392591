import type { Site } from "../site";
import type { Step } from "../step";
import { withoutOwnVault, withoutSchedules, withoutSystemd } from "./schedule";
import { verify } from "./verify";

/** By the schedule where it runs, else by the owner. */
export async function unsealed(site: Site): Promise<void> {
  await site.seen("the container runs", () => site.sh(`docker exec ${site.container} true`).code === 0);
  const { row } = site;
  if (withoutOwnVault(row)) await unsealByHand(site);
  else if (withoutSchedules(row)) site.must("vault unseal");
  await site.seen("Vault is unsealed", () => site.isOpen());
}

async function unsealByHand(site: Site): Promise<void> {
  await site.seen("Vault answers", () => site.sh("docker exec vault vault status").stdout.includes("Sealed"));
  site.host.must([
    "sh",
    "-c",
    "for share in $(cat /root/vault-shares); do docker exec vault vault operator unseal $share; done",
  ]);
}

export const engine: Step = {
  id: "engine",
  title: "the engine restarted alone: unsealed, and everything as before",
  async run(site) {
    site.restartEngine();
    await unsealed(site);
    await verify(site);
  },
};

export const reboot: Step = {
  id: "reboot",
  title: "the host rebooted: unsealed, and everything as before",
  notTried: withoutSystemd,
  async run(site) {
    await site.reboot();
    await unsealed(site);
    await verify(site);
  },
};

/** After a power cut. */
export async function bootAgain(site: Site): Promise<void> {
  await site.boot();
  await unsealed(site);
}
