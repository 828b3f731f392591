import { randomBytes } from "node:crypto";
import { defined } from "../../core/defined";
import { UserError, wrongUsage } from "../../core/errors";
import { sha256 } from "../../core/fingerprint";
import type { Deployment } from "../../model/deployment";
import { keysPage } from "../../model/openrouter-key";
import { mostInAMonth } from "../../openrouter/money";
import { readStoredKey } from "../../session/read-stored-key";
import { testKey } from "../../session/test-key";
import {
  type HostEntry,
  type HostKey,
  hostWithKey,
  readHosts,
  removeHost,
  saveHost,
} from "../../store/records/hosts-record";
import { addPendingCleanup, dropRemoval } from "../../store/records/pending-cleanups";
import { VaultClient } from "../../vault/client";
import { findSecret } from "../../vault/secret-store";
import { storeKey } from "../../vault/store-key";
import { type Account, atOpenRouter } from "../key/account";
import { hardLimit, workspaceFor } from "../key/make-key";
import { identityOf } from "../key/stored";
import { tryKey } from "../key/try-key";
import { requireWithinTotal } from "./total-limit";

/** How a host gets its key: one that a person gives, or one that a management key makes. */
export interface KeySource {
  readonly given?: string;
  readonly managementKey?: string;
  /** The monthly limit of a key that is made, in EUR. @default that of the current key, else the settings' hard limit */
  readonly limitEur?: number;
}

/** What replacing a host's key needs. */
export interface KeyRun {
  readonly deployment: Deployment;
  readonly signal: AbortSignal;
  /** May read and write the host's secret. */
  readonly vault: VaultClient;
  /** The management key's account. @default no key is made */
  readonly account?: Account;
  /** The seconds between disabling and deleting the current key. */
  readonly graceSeconds: number;
  /** Whether a model has to answer the new key too. @default OpenRouter has to accept it */
  readonly tries?: boolean;
}

/**
 * Gives a host a key: tests it and stores it. The current key becomes a pending key cleanup. Each step is recorded first, so that
 * {@link resumeNewKey} resumes an interrupted run.
 * @param host without a key that is about to replace another one
 * @returns the host's new record
 * @throws UserError if OpenRouter refuses the key or makes none, or if its limit is beyond the bound of the settings
 */
export async function replaceHostKey(run: KeyRun, host: HostEntry, source: KeySource): Promise<HostEntry> {
  const { deployment, vault, graceSeconds } = run;
  const { home } = deployment;
  const before = readHosts(home).hosts.find(({ name }) => name === host.name);
  const { key, newKey } = await (source.given === undefined
    ? makeKey(run, host, source)
    : givenKey(run, host, source.given));
  saveHost(home, { ...host, newKey: { ...newKey, graceSeconds } });
  try {
    if (run.tries) await requireWorking(run, host.name, key);
    await storeKey(vault, key);
  } catch (error) {
    // The write can have arrived all the same. If Vault does not answer now, the next run finds out.
    const begun = { ...(before ?? host), newKey: { ...newKey, graceSeconds } };
    const settled = await resumeNewKey(run, begun).catch(() => undefined);
    if (settled && !settled.key && !before) removeHost(home, host.name);
    throw error;
  }
  return resumeNewKey(run, { ...host, newKey: { ...newKey, graceSeconds } });
}

/**
 * Ends what an interrupted run began: the new key is the host's if Vault holds it. Else it becomes a pending key cleanup.
 * @returns the host's new record
 */
export async function resumeNewKey(
  { deployment, vault }: Pick<KeyRun, "deployment" | "vault">,
  host: HostEntry,
): Promise<HostEntry> {
  const { newKey: begun, ...rest } = host;
  if (!begun) return host;
  const { home } = deployment;
  const stored = (await findSecret(vault))?.key;
  const isStored = stored !== undefined && sha256(stored) === begun.key?.sha256;
  const since = new Date().toISOString();
  if (isStored) dropRemoval(home, sha256(stored));
  const replaced = isStored && host.key?.sha256 !== begun.key?.sha256 ? host.key : undefined;
  if (replaced) {
    const { limitUsd: _, ...old } = replaced;
    addPendingCleanup(home, { kind: "remove", ...old, since, graceSeconds: begun.graceSeconds });
  }
  // A key that a person gave and no host has used is not this program's to delete.
  if (!isStored && begun.name !== undefined) {
    const { limitUsd: _, ...made } = begun.key ?? { limitUsd: null };
    addPendingCleanup(home, { kind: "remove", ...made, name: begun.name, since, graceSeconds: 0 });
  }
  const ended: HostEntry = {
    ...rest,
    ...(isStored ? defined({ key: begun.key }) : {}),
    ...(replaced ? { earlierKeys: [...(host.earlierKeys ?? []), replaced.sha256] } : {}),
  };
  saveHost(home, ended);
  return ended;
}

interface NewKey {
  readonly key: string;
  readonly newKey: Omit<NonNullable<HostEntry["newKey"]>, "graceSeconds">;
}

async function givenKey(
  { deployment, signal, vault, account }: KeyRun,
  host: HostEntry,
  key: string,
): Promise<NewKey> {
  const digest = sha256(key);
  const others = readHosts(deployment.home).hosts.filter(({ name }) => name !== host.name);
  const owner = hostWithKey(deployment.home, key, others);
  const own = await readStoredKey(VaultClient.at(deployment), deployment.home);
  if (owner !== undefined || own?.key === key)
    throw refused(
      owner === undefined ? "the key of this instance itself" : `the key of the host ${owner}`,
      "a key of its own: one that is shared cannot be limited or taken away from one host alone",
    );
  if (host.key && (await findSecret(vault))?.key === key)
    throw refused("the key that it has already", "a new key");
  const tested = await testKey(deployment, key, signal);
  if (!tested.works) throw refused(tested.why, "an ordinary key that OpenRouter's auth/key accepts");
  const { label } = tested.info;
  const limitUsd = mostInAMonth(tested.info);
  await requireWithinTotal(deployment, others, limitUsd, account);
  return { key, newKey: { key: { sha256: digest, label, limitUsd } } };
}

function refused(got: string, expected: string): UserError {
  return wrongUsage({
    problem: "This key cannot be the host's. Nothing was changed.",
    ...{ got, expected },
    fix: `Create one at ${keysPage} with a credit limit.`,
  });
}

async function makeKey(run: KeyRun, host: HostEntry, { limitEur }: KeySource): Promise<NewKey> {
  const { deployment, account, graceSeconds } = run;
  const { home, instance } = deployment;
  if (!account)
    throw wrongUsage({
      problem: "No new key was given, and no management key to create one.",
      expected: "a key by --key-file or --key-stdin, or a management key by OPENROUTER_MANAGEMENT_KEY",
    });
  const { limit, workspaceId } = await planOf(run, account, host, limitEur);
  const others = readHosts(home).hosts.filter(({ name }) => name !== host.name);
  await requireWithinTotal(deployment, others, limit, account);
  const before = readHosts(home).hosts.find((each) => each.name === host.name);
  // Unique, and recorded before OpenRouter is asked: an interrupted run leaves a key that can be found.
  const name = `openclaw-openrouter ${instance} host ${host.name} ${randomBytes(4).toString("hex")}`;
  saveHost(home, { ...host, newKey: { name, graceSeconds } });
  try {
    const { key, item } = await atOpenRouter(
      "OpenRouter made no key for the host. Nothing was changed.",
      () => account.manager.create({ name, limit, limitReset: "monthly", ...defined({ workspaceId }) }),
    );
    const made: HostKey = {
      sha256: sha256(key),
      label: item.label,
      hash: item.hash,
      limitUsd: mostInAMonth(item),
    };
    return { key, newKey: { name, key: made } };
  } catch (error) {
    // It can exist all the same, for example if the answer was lost.
    addPendingCleanup(home, { kind: "remove", name, since: new Date().toISOString(), graceSeconds: 0 });
    if (before) saveHost(home, before);
    else removeHost(home, host.name);
    throw error;
  }
}

/** The limit of a key that is made, and its workspace: the current key's own, else that of the instance's key. */
async function planOf(
  { deployment, signal }: KeyRun,
  account: Account,
  host: HostEntry,
  limitEur: number | undefined,
): Promise<{ limit: number; workspaceId?: string }> {
  const { settings, home } = deployment;
  const old = host.key && (await account.keys.findExactly(host.key));
  const wanted = { ...settings.budget, hardLimitEur: limitEur ?? settings.budget.hardLimitEur };
  const current = old ? mostInAMonth(old.item) : host.key?.limitUsd;
  const { limit } = hardLimit({ ...settings, budget: wanted });
  const planned = { limit: limitEur === undefined ? (current ?? limit) : limit };
  if (old) return { ...planned, ...defined({ workspaceId: old.workspaceId }) };
  const own = await readStoredKey(VaultClient.at(deployment), home);
  if (!own?.key) return planned;
  const known = await identityOf({ deployment, signal }, own.key);
  const found = await account.keys.find(known, known.workspaceId);
  return { ...planned, ...(await workspaceFor(account, found, known)) };
}

/** @throws UserError if OpenRouter or the models refuse the key */
async function requireWorking({ deployment, signal }: KeyRun, name: string, key: string): Promise<void> {
  const trial = await tryKey(deployment, key, signal);
  if (trial.works) return;
  throw new UserError({
    problem: "The new key does not work, so the host keeps the one that it has.",
    got: trial.why,
    fix: `openclaw-openrouter host rotate ${name}\nwith another key.`,
  });
}
