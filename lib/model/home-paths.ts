import { join } from "node:path";
import type { IdentityName } from "./identities";

/** The stacks of an instance, in the order in which they are deployed. */
export const stackNames = ["vault", "openrouter"] as const;
export type StackName = (typeof stackNames)[number];

/**
 * Where everything of an instance lies: one folder of mode 0700, outside any checkout. All files in it are 0600.
 * @param root the instance directory, an absolute path
 */
export function homePaths(root: string) {
  return {
    root,
    /** The id by which the instance's container and volumes are known as ours. */
    instance: join(root, "instance.json"),
    /** Unseal key shares; during bootstrap the root token as well. */
    shares: join(root, "shares.json"),
    /** Which generation of shares is active, who has them, and since when they are off this host. */
    sharesRecord: join(root, "shares-record.json"),
    /** New shares that are kept on this host, until they are verified. */
    nextShares: join(root, "shares-next.json"),
    /** Says that shares are being re-created, and how far that is. */
    rekey: join(root, "rekey.json"),
    /** Says that what unseals Vault is being changed. */
    sealMigration: join(root, "seal-migration.json"),
    /** Snapshots that were taken before something was changed that could not be taken back without them. */
    snapshots: join(root, "snapshots"),
    /** A root token that a run makes of shares, from before it is made until it is revoked. */
    rootToken: join(root, "root-token.json"),
    /** Says that Vault is being initialised right now, and on which volume. */
    initPending: join(root, "init-pending.json"),
    /** Generation, version and retired fingerprints of the OpenRouter key. */
    key: join(root, "key.json"),
    /** A rotation that is under way; holds the new key until that one is stored. */
    rotation: join(root, "rotation.json"),
    /** What is still to be done at OpenRouter, with a management key. */
    pendingCleanups: join(root, "pending-key-cleanups.json"),
    /** The limit that was set for the key at OpenRouter. */
    budget: join(root, "budget.json"),
    /** What the host was found to have: engine, program, source of providers, image. */
    host: join(root, "host.json"),
    /** What the last deploy applied. */
    deployed: join(root, "deployed.json"),
    lastCheck: join(root, "check.json"),
    /** The instance's own CA, and the certificate that it issued for Vault, each with its key. See `instanceTlsPaths`. */
    tls: join(root, "tls"),
    /** The CA certificates that verify what Vault serves now, PEM: the declared CA may be a newer one. */
    vaultCa: join(root, "vault-ca.pem"),
    /** Who listened where Vault is reached by plain HTTP, when a person last saw it. */
    listener: join(root, "listener.json"),
    /** Which external Vault holds roles and policies of ours. */
    externalVault: join(root, "external-vault.json"),
    /** An adoption that is under way, or was interrupted. */
    adoption: join(root, "adoption.json"),
    journal: join(root, "journal.jsonl"),
    lock: join(root, "lock"),
    /** Held by whoever initialises and opens Vault: such a step may outlive the run that started it. */
    bootstrapLock: join(root, "bootstrap.lock"),
    /** The backups that were made. */
    backups: join(root, "backups.json"),
    /** Says that Vault's data are being replaced right now, from which backup, and how far that has come. */
    replacing: join(root, "replacing.json"),
    /** Shares of older generations, which only backups need: `1.json` for the first. */
    sharesForBackups: join(root, "shares-for-backups"),
    /** What Terraform renders for OpenClaw. */
    rendered: join(root, "rendered"),
    /** What the installer placed. */
    installed: join(root, "installed.json"),
    /** The bytes of the user's files of OpenClaw, as they were before the first install. */
    firstFound: join(root, "first-found"),
    cdktfOut: join(root, "cdktf.out"),
    terraform: join(root, "terraform"),
    /** Provider locks, a folder each for program, source and platform. */
    providerLocks: join(root, "locks"),
    /** The local OpenRouter's keys and counters, and the keys made for it: of the instance `sandbox` only. */
    sandbox: join(root, "sandbox.json"),
    sandboxKey: join(root, "credentials", "sandbox-key"),
    sandboxManagementKey: join(root, "credentials", "sandbox-management-key"),
    state: (stack: StackName) => join(root, "terraform", `${stack}.tfstate`),
    /** The state as the last deploy left it: what a lost one is put back from. */
    deployedState: (stack: StackName) => join(root, "terraform", `${stack}.deployed.tfstate`),
    /** The state as it lay here before it was moved to another backend. */
    movedState: (stack: StackName) => join(root, "terraform", `${stack}.moved.tfstate`),
    /** The folder that holds `role_id` and `secret_id` of an identity. */
    credentials: (identity: IdentityName) => join(root, "credentials", identity),
  };
}

/** Where everything of an instance lies. See {@link homePaths}. */
export interface HomePaths extends ReturnType<typeof homePaths> {}
