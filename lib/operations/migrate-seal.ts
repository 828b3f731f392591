import { mkdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { UserError, wrongUsage } from "../core/errors";
import { execute } from "../docker/engine-exec";
import { readHomeFile, writeHomeFiles } from "../docker/home-files";
import type { Deployment, VaultPlace } from "../model/deployment";
import { disabledSealConfig, sealConfigFile, sealFolder, sealOf } from "../model/vault/seal";
import { applyStack, withShares } from "../session/apply-stacks";
import { containerHost, type DeployContext } from "../session/context";
import { declare } from "../session/declare";
import { requireOwnVault } from "../session/external-vault";
import { openAsPhase, openVault } from "../session/open-vault";
import { isDeployedWith, recordDeployment } from "../session/record-deployment";
import { requireShares } from "../session/require-shares";
import { requireVault } from "../session/require-vault";
import { requireVaultContainer } from "../session/requirements";
import { declaredKey } from "../store/records/key-record";
import { type SealMigration, sealMigrationRecord } from "../store/records/seal-migration";
import { VaultClient } from "../vault/client";
import { readSealFiles } from "../vault/container/place-seal";
import { logIn } from "../vault/log-in";
import { takeSnapshot } from "../vault/snapshot";
import { readSealStatus } from "../vault/wait";

/**
 * Migrates Vault to the seal in the settings: from key shares to a service that unseals it, or back. Takes a snapshot first.
 * The shares stay the same: unseal shares become recovery shares, and the reverse. If it is killed at any point, the next run
 * resumes it.
 * @returns the snapshot, and the seals before and after it; no snapshot if there was nothing to do
 */
export async function migrateSeal(context: DeployContext) {
  const { deployment, phase } = context;
  const { home, settings } = deployment;
  requireOwnVault(deployment, "To change its seal", "Its owner can change it.");
  const seal = sealOf(settings.vault.seal);
  if (seal) readSealFiles(seal);
  const to = seal?.type ?? "shamir";
  await requireVaultContainer(context);
  const left = sealMigrationRecord.read(home);
  if (left && left.to !== to)
    throw wrongUsage({
      problem: `A migration from ${left.from} to ${left.to} was interrupted, and the settings name another seal.`,
      expected: `\`vault.seal.type\`: ${left.to}`,
      fix: `Set it to that and run openclaw-openrouter vault migrate-seal, which resumes the migration; then change the settings again.`,
    });
  // An interruption while Terraform replaced the container can leave none: then only Terraform's part remains.
  const found = left ? await openAsPhase(context) : await requireVault(context);
  const present = found ? (await readSealStatus(VaultClient.at(found.place))).type : to;
  if (present === to && !left) return { from: present, to, snapshot: undefined };
  // Before Vault is sealed: the migration needs them.
  if (found && present !== to)
    await requireShares(context, VaultClient.at(found.place), "A migration of the seal");
  const migration = left ?? (await begin(context, found!.place, present, to));

  if (to === "shamir" && present !== to) {
    await phase("Back to people's shares", async () => {
      await disableSeal(context);
      await openVault(context, () => {});
    });
  }
  await phase("Terraform", async (progress) => {
    await declare(context, declaredKey(home.root, undefined));
    await withShares(context, (having) => applyStack(having, "vault", undefined, progress));
  });
  const opened = await requireVault(context);
  const { type: now } = await readSealStatus(VaultClient.at(opened.place));
  if (now !== to)
    throw new UserError({
      problem: "Vault does not have the new seal.",
      got: now,
      expected: to,
      fix: "Find the cause with docker logs of its container. Then run this command again, which resumes the migration.",
    });
  await phase("State", async () => {
    if (to === "shamir") {
      // The credentials of the seal that is no longer used.
      const { api } = containerHost(context).engine;
      await execute(api, deployment.container, ["rm", "-rf", `/home/vault/${sealFolder}`]);
    }
    sealMigrationRecord.remove(home);
    await recordDeployment(context, true, { isDeployed: isDeployedWith("vault") });
  });
  return migration;
}

/** Takes a snapshot, and records the migration, which allows Vault to start with another seal. */
async function begin(
  { deployment, phase }: DeployContext,
  place: VaultPlace,
  from: string,
  to: string,
): Promise<SealMigration> {
  const { home } = deployment;
  if (from !== "shamir" && to !== "shamir")
    throw wrongUsage({
      problem: `Vault cannot migrate from ${from} to ${to} in one step.`,
      expected: "a migration to shamir in between",
      fix: "Set `vault.seal.type` to shamir, run openclaw-openrouter vault migrate-seal, set it to the new seal, and run that command again.",
    });
  return phase(
    "Snapshot",
    async () => {
      const since = new Date().toISOString();
      const snapshot = join(home.snapshots, `before-seal-${to}-${since.replace(/[:.]/g, "-")}.snap`);
      mkdirSync(home.snapshots, { recursive: true, mode: 0o700 });
      const deployer = await logIn(VaultClient.at(place), home, "deployer");
      if (!deployer) throw new Error("the deployer cannot log in to a Vault that was just opened");
      try {
        await takeSnapshot(deployer, snapshot);
      } catch (error) {
        rmSync(snapshot, { force: true });
        throw error;
      }
      const migration: SealMigration = { from, to, since, snapshot };
      sealMigrationRecord.write(home, migration);
      return migration;
    },
    ({ snapshot }) => snapshot,
  );
}

/** Disables the old seal for Vault's next start. */
async function disableSeal(context: DeployContext): Promise<void> {
  const { api } = containerHost(context).engine;
  const { container } = context.deployment;
  const name = `${sealFolder}/seal.json`;
  const file = await readHomeFile(api, container, name);
  if (!file)
    throw new UserError({
      problem: `The container ${container} has no seal configuration to disable.`,
      got: `no ${sealConfigFile}`,
      fix: "Restore `vault.seal` in the settings, run openclaw-openrouter up, then change it and run this command again.",
    });
  await writeHomeFiles(api, container, [{ name, content: disabledSealConfig(file.content), mode: 0o600 }]);
  await api.stopContainer(container);
}

/**
 * Refuses a deploy that would change the seal.
 * @throws UserError if the settings name another seal
 */
export async function requireSameSeal(deployment: Deployment, place: VaultPlace): Promise<void> {
  if (deployment.external) return;
  const { type } = await readSealStatus(VaultClient.at(place));
  const declared = deployment.settings.vault.seal.type;
  if (type === declared && !sealMigrationRecord.read(deployment.home)) return;
  throw new UserError({
    problem:
      type === declared
        ? "A seal migration was interrupted."
        : "The settings name another seal than Vault has, and a deploy does not change the seal.",
    got: `\`vault.seal.type\`: ${declared}`,
    expected: type,
    fix: `openclaw-openrouter vault migrate-seal --instance ${deployment.instance}\nwhich takes a snapshot first.`,
  });
}
