import { basename, dirname, join } from "node:path";
import type { IdentityName } from "./vault/identities";

/** The stacks of an instance, in the order in which they are deployed. */
export const stackNames = ["vault", "openrouter"] as const;
export type StackName = (typeof stackNames)[number];

/**
 * The paths of an instance: one folder of mode 0700, outside any checkout. All files in it have mode 0600.
 * @param root the instance directory, an absolute path
 */
export function homePaths(root: string) {
  return {
    root,
    /** The id that marks the instance's container and volumes as managed. */
    instance: join(root, "instance.json"),
    /** Unseal key shares; during bootstrap the root token as well. */
    shares: join(root, "shares.json"),
    /** The active generation of shares, their holders, and since when they are off this host. */
    sharesRecord: join(root, "shares-record.json"),
    /** What recognises the shares on this host. */
    sharesFingerprints: join(root, "shares-fingerprints.json"),
    /** New shares on this host, until they are verified. */
    nextShares: join(root, "shares-next.json"),
    /** The progress of a rekey. */
    rekey: join(root, "rekey.json"),
    /** The record of a seal migration in progress. */
    sealMigration: join(root, "seal-migration.json"),
    /** Snapshots from before changes that cannot be undone without them, and that of an unfinished backup. */
    snapshots: join(root, "snapshots"),
    /** A temporary root token made from shares, from before its creation until its revocation. */
    rootToken: join(root, "root-token.json"),
    /** The record of an initialization in progress, with its volume. */
    initPending: join(root, "init-pending.json"),
    /** The generation, version and retired fingerprints of the OpenRouter key. */
    key: join(root, "key.json"),
    /** A rotation in progress; holds the new key until it is stored. */
    rotation: join(root, "rotation.json"),
    /** Pending key cleanups at OpenRouter, which need a management key. */
    pendingCleanups: join(root, "pending-key-cleanups.json"),
    /** The limit that was set for the key at OpenRouter. */
    budget: join(root, "budget.json"),
    /** The detected parts of the host: engine, program, source of providers, image. */
    host: join(root, "host.json"),
    /** The container in which OpenClaw's gateway runs. */
    gatewayContainer: join(root, "gateway-container.json"),
    /** The path of the settings file that the last deploy used. */
    settingsFile: join(root, "settings-file.json"),
    /** What the last deploy applied. */
    deployed: join(root, "deployed.json"),
    lastCheck: join(root, "check.json"),
    /** The channels of alerts, with their URLs. */
    alerts: join(root, "alerts.json"),
    /** What was told, and the messages on their way. */
    alertState: join(root, "alert-state.json"),
    alertLock: join(root, "alerts.lock"),
    /** What was offered to a person once. */
    offers: join(root, "offers.json"),
    /** A file of JSON lines for each month: what scheduled runs found. */
    history: join(root, "history"),
    /** The last scheduled run of a command: cron keeps no record of it. */
    scheduledRun: (command: string) => join(root, "runs", `${command}.json`),
    /** The instance's own CA, and the certificate that it issued for Vault, each with its key. See `instanceTlsPaths`. */
    tls: join(root, "tls"),
    /** The CA certificates that verify Vault's current certificate, PEM: the declared CA can be a newer one. */
    vaultCa: join(root, "vault-ca.pem"),
    /** For plain HTTP: the listener that a person last accepted. */
    listener: join(root, "listener.json"),
    /** The external Vault that holds roles and policies of this instance. */
    externalVault: join(root, "external-vault.json"),
    /** The OpenClaw hosts that this instance's Vault serves besides its own. */
    hosts: join(root, "hosts.json"),
    /** Set if this instance is a host that joined another instance's Vault. */
    joined: join(root, "joined.json"),
    /** The CA certificates of the Vault that it joined, PEM. */
    joinedCa: join(root, "joined-ca.pem"),
    /** Who has access to the key besides this instance, as a person accepted it. */
    access: join(root, "access.json"),
    /** An adoption in progress, or an interrupted one. */
    adoption: join(root, "adoption.json"),
    journal: join(root, "journal.jsonl"),
    lock: join(root, "lock"),
    /** The lock of the step that initializes and unseals Vault: it can outlive the run that started it. */
    bootstrapLock: join(root, "bootstrap.lock"),
    /** The backups that were made. */
    backups: join(root, "backups.json"),
    /** The record of a replacement of Vault's data in progress, with its backup and progress. */
    replacing: join(root, "replacing.json"),
    /** Shares of older generations that only backups need: `1.json` for the first. */
    sharesForBackups: join(root, "shares-for-backups"),
    /** The files that Terraform renders for OpenClaw. */
    rendered: join(root, "rendered"),
    /** The record of the files that the installer placed. */
    installed: join(root, "installed.json"),
    /** The user's OpenClaw files from before the first install, byte for byte. */
    firstFound: join(root, "first-found"),
    cdktfOut: join(root, "cdktf.out"),
    /** The same of the CDKTF CLI, which keeps Terraform's providers there too. */
    cdktfCliOut: join(root, "cdktf-cli.out"),
    terraform: join(root, "terraform"),
    /** Provider locks, one folder for each program, source and platform. */
    providerLocks: join(root, "locks"),
    /** The local OpenRouter's keys and counters: for the instance `sandbox` only. */
    sandbox: join(root, "sandbox.json"),
    sandboxKey: join(root, "credentials", "sandbox-key"),
    sandboxManagementKey: join(root, "credentials", "sandbox-management-key"),
    state: (stack: StackName) => join(root, "terraform", `${stack}.tfstate`),
    /** A copy of the state after the last deploy, from which a lost state is restored. */
    deployedState: (stack: StackName) => join(root, "terraform", `${stack}.deployed.tfstate`),
    /** A copy of the local state from before a move to another backend. */
    movedState: (stack: StackName) => join(root, "terraform", `${stack}.moved.tfstate`),
    /** The folder with the `role_id` and `secret_id` of an identity. */
    credentials: (identity: IdentityName) => join(root, "credentials", identity),
  };
}

/** The paths of an instance. See {@link homePaths}. */
export interface HomePaths extends ReturnType<typeof homePaths> {}

/** The default folder of an instance's backups: beside all instance directories, so that no purge removes it. */
export function backupFolderOf(root: string): string {
  return join(`${dirname(root)}-backups`, basename(root));
}
