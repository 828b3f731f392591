import { rmSync } from "node:fs";
import { UserError } from "../core/errors";
import type { Progress } from "../core/progress";
import type { VaultPlace } from "../model/deployment";
import { type HomePaths, homePaths } from "../model/home-paths";
import type { ConnectParameters } from "../model/run-parameters";
import { type Identity, type IdentityName, identitiesOf, identityNames } from "../model/vault/identities";
import { secretMount } from "../model/vault/own-vault";
import { guideNames } from "../model/vault/vault-names";
import {
  readExternalVault,
  removeExternalVault,
  writeExternalVault,
} from "../store/records/external-vault-record";
import { ifRefused, VaultClient } from "./client";
import {
  adminPolicyPages,
  identityCapabilities,
  mountCapabilities,
  requireCapabilities,
} from "./identities/capabilities";
import { requireFreeNames, requireFreePath } from "./identities/free-names";
import { isActive } from "./identities/root";
import { writeIdentities } from "./identities/write-identities";
import { logIn, logInAsAll } from "./log-in";
import { anything, mountsAnswer, type SealStatus } from "./schemas";
import { hasStore, makeMount } from "./secret-store";
import { readSealStatus, waitUntilServing } from "./wait";
import { whatChanged } from "./what-changed";

/** The steps between which a crash must lose nothing. Tests kill the process at each. */
type ConnectStep =
  | "inspected"
  | "names claimed"
  | "mount made"
  | "identities written"
  | "resolver's credential written";

interface ConnectOptions {
  /** A token that can write policies, AppRole roles and missing mounts. It is not stored. */
  readonly token: string;
  readonly progress: Progress;
  /** Updates the copies of the reader's credential. Called once the new one is written. @returns a warning if it could not */
  readonly renewCopies: (home: HomePaths) => string | undefined;
  /** Called at each step. @default does nothing */
  readonly onStep?: (step: ConnectStep) => Promise<void>;
}

/**
 * Inspects whether the Vault can be used unchanged: unsealed, with this instance's working identities and a key-value store,
 * version 2, at `secret/`. Changes nothing.
 * @param requireUnchanged whether policies and roles must be as declared, since Terraform compares them. @default the
 * deployer's policy alone
 * @returns its cluster id, and why an admin's token is needed if something is missing
 * @throws UserError if it is sealed, is not the recorded Vault, or has something else mounted at `secret/`
 */
export async function inspectVault(parameters: ConnectParameters, requireUnchanged = false) {
  const { vault, clusterId } = await openVault(parameters);
  const { home: root, ...place } = parameters;
  const home = homePaths(root);
  const missing =
    // Whoever took over the address gets no credential, and a person knows of it before giving an admin's token and the key.
    isAnotherThanBefore(home, clusterId) ??
    (await whatIsMissing(vault, home, identitiesOf(place), requireUnchanged));
  return { clusterId, missing };
}

/** Reaches an external Vault, which only its owner starts and unseals. @throws UserError if it is sealed or does not answer */
export async function reachExternalVault(place: VaultPlace, vault: VaultClient): Promise<SealStatus> {
  const status = await readSealStatus(vault);
  requireOpen(place, status);
  await waitUntilServing(vault);
  return status;
}

async function openVault(parameters: ConnectParameters): Promise<{ vault: VaultClient; clusterId: string }> {
  const vault = VaultClient.at(parameters);
  const status = await reachExternalVault(parameters, vault);
  const clusterId = status.cluster_id ?? "";
  requireSameVault(parameters, homePaths(parameters.home), clusterId);
  return { vault, clusterId };
}

/**
 * Whether another Vault answers at an external one's address, as after a restart of one that keeps its data in memory.
 * @returns that it does, as text; undefined for the known one and for an instance's own
 */
export function isAnotherThanBefore(home: HomePaths, clusterId: string): string | undefined {
  const known = readExternalVault(home);
  if (!known || known.clusterId === clusterId) return undefined;
  return `another Vault answers there than before (cluster ${clusterId}, not ${known.clusterId})`;
}

async function whatIsMissing(
  vault: VaultClient,
  home: HomePaths,
  declared: Record<IdentityName, Identity>,
  requireUnchanged: boolean,
): Promise<string | undefined> {
  if (readExternalVault(home)?.writing) return "a run that wrote this instance's identities was interrupted";
  const auditor = await logInAsAll(vault, home);
  if (!auditor) return "this instance has no working identities in it";
  const changed = await whatChanged(auditor, declared, { all: requireUnchanged, isOwn: false });
  if (changed.length > 0)
    return `what this version of the program writes into it is not as declared: ${changed.join(", ")}`;
  return (await hasStore(auditor)) ? undefined : "it has no mount secret/";
}

/**
 * Makes the missing mounts (AppRole and `secret/`) with an admin's token, and writes this program's policies and roles, with a
 * secret id each. Changes nothing else. If it is interrupted, the next run resumes.
 * @returns the warning of `renewCopies`
 * @throws UserError if the token is refused or lacks a capability, or if a policy or role with this program's names exists that
 * this instance did not write
 */
export async function connectVault(
  parameters: ConnectParameters,
  clusterId: string,
  { token, progress, renewCopies, onStep = async () => {} }: ConnectOptions,
): Promise<string | undefined> {
  const home = homePaths(parameters.home);
  const declared = identitiesOf(parameters);
  const admin = VaultClient.at(parameters).withToken(token);
  return explained(parameters, async () => {
    progress("inspecting the Vault");
    await requireActive(admin);
    await requireCapabilities(admin, identityCapabilities(declared));
    const hasAppRole = await isAppRoleThere(admin);
    const isStoreThere = await hasStore(admin);
    await requireCapabilities(admin, mountCapabilities({ appRole: hasAppRole, store: isStoreThere }));
    if (readExternalVault(home)?.clusterId !== clusterId) {
      await requireFreeNames(admin, declared, hasAppRole);
      if (hasAppRole) await requireFreePath(admin, parameters);
    }
    await onStep("inspected");
    const { address } = parameters;
    writeExternalVault(home, { address, clusterId, writing: true });
    await onStep("names claimed");
    if (!isStoreThere) await makeMount(admin, secretMount);
    await onStep("mount made");
    progress("writing the identities of deployer, reader and auditor");
    const { destroyOld } = await writeIdentities(admin, home, declared);
    await onStep("identities written");
    const warning = renewCopies(home);
    await onStep("resolver's credential written");
    await destroyOld();
    writeExternalVault(home, { address, clusterId, writing: false });
    return warning;
  });
}

interface DisconnectOptions {
  /** Asks for an admin's token if the deployer can no longer remove the identities. */
  readonly askAdminToken: (why: string) => Promise<string>;
  /** Called after each path is removed. @default does nothing */
  readonly onStep?: (removed: string) => Promise<void>;
}

/**
 * Removes this program's roles and policies from the Vault; the key, the mounts and everything else stay. Does nothing if there
 * are none. If it is interrupted, the next run resumes.
 * @throws UserError if it is sealed, or is another Vault at another address
 */
export async function disconnectVault(
  parameters: ConnectParameters,
  { askAdminToken, onStep = async () => {} }: DisconnectOptions,
): Promise<void> {
  const home = homePaths(parameters.home);
  const known = readExternalVault(home);
  if (!known) return;
  const { vault, clusterId } = await openVault(parameters);
  if (known.clusterId === clusterId) {
    const deployer = await logIn(vault, home, "deployer");
    // Refused: its policy is another version's, or is gone.
    const declared = identitiesOf(parameters);
    const isRemoved =
      deployer &&
      (await removeIdentities(deployer, declared, onStep)
        .then(() => true)
        .catch(ifRefused(403, () => false)));
    if (!isRemoved) {
      const token = await askAdminToken(
        `An admin's token for the Vault at ${vault.address} is needed once, since this instance's own deployer cannot remove its roles and policies there. It is not kept.`,
      );
      await explained(parameters, () => removeIdentities(vault.withToken(token), declared, onStep));
    }
  }
  for (const name of identityNames) rmSync(home.credentials(name), { recursive: true, force: true });
  removeExternalVault(home);
}

/** The deployer's role and then its policy come last: without the policy its token has no rights. */
async function removeIdentities(
  client: VaultClient,
  declared: Record<IdentityName, Identity>,
  onStep: (removed: string) => Promise<void>,
): Promise<void> {
  for (const name of ["reader", "auditor", "deployer"] as const) {
    const { role } = declared[name];
    for (const path of [`auth/approle/role/${role}`, `sys/policies/acl/${role}`]) {
      // 404: the mount is gone, and the role with it.
      await client.find({ method: "DELETE", path }, anything);
      await onStep(path);
    }
  }
}

async function isAppRoleThere(admin: VaultClient): Promise<boolean> {
  const { data } = await admin.call({ path: "sys/auth" }, mountsAnswer);
  const found = data["approle/"]?.type;
  if (found === undefined || found === "approle") return found !== undefined;
  throw new UserError({
    problem: `The Vault at ${admin.address} has something other than AppRole at auth/approle/. Nothing was changed.`,
    got: `an auth method ${found}`,
    expected: "nothing there, or AppRole, with which this program's identities log in",
    fix: "Move it: vault auth move auth/approle auth/<another name>, and inform the people who log in there.",
  });
}

/** @throws UserError if Vault does not take the token */
export async function requireActive(admin: VaultClient): Promise<void> {
  if (await isActive(admin)) return;
  throw new UserError({
    problem: `The Vault at ${admin.address} does not take the admin's token that was given. Nothing was changed.`,
    got: "403: it is unknown, expired or revoked, or cannot look itself up",
    expected: "an active token that can write policies and AppRole roles",
    fix: "Check the token: vault token lookup",
  });
}

/** @throws UserError if it is sealed or not initialized: only its owner can fix that */
export function requireOpen(place: VaultPlace, status: SealStatus): void {
  const { initialized, sealed } = status;
  if (initialized && !sealed) return;
  const { address } = place;
  throw new UserError({
    problem: initialized
      ? `The Vault at ${address} is sealed, as after each restart. Its key shares are its owner's: this program does not have them.`
      : `The Vault at ${address} is not initialized.`,
    expected: "a Vault that is initialized and unsealed",
    fix: initialized
      ? howToUnseal(place, status)
      : `${inContainer(place)}vault operator init\nthen keep the shares off this host, and unseal it with them.`,
  });
}

/** How an external Vault is unsealed: by its owner, or on the host of the instance whose Vault a host joined. */
export function howToUnseal(place: Pick<VaultPlace, "external">, { type }: Pick<SealStatus, "type">): string {
  const { external } = place;
  if (external?.joinedAs !== undefined && external.prefix === guideNames.prefix)
    return "On the Vault's host, the command `vault unseal` opens it.";
  if (type !== "shamir")
    return `Its owner has the ${type} that unseals it answer. Vault's log has the reason.`;
  return `${inContainer(place)}vault operator unseal\nonce for each share that it asks for`;
}

/** What precedes a command of Vault's own program. */
function inContainer({ external }: Pick<VaultPlace, "external">): string {
  return external?.container ? `docker exec -it ${external.container} ` : "";
}

function requireSameVault({ address }: VaultPlace, home: HomePaths, clusterId: string): void {
  const known = readExternalVault(home);
  // Another Vault at the same address: the old one is gone, together with the roles and policies in it.
  if (!known || known.clusterId === clusterId || known.address === address) return;
  throw new UserError({
    problem: `\`vault.address\` names another Vault, and this instance still has roles and policies in the previous one.`,
    got: `the Vault at ${address}, cluster ${clusterId}`,
    expected: `the one that was at ${known.address}, cluster ${known.clusterId}`,
    fix: `Set \`vault.address\` to ${known.address} again, run \`openclaw-openrouter destroy\`, which removes them, and then change it.`,
  });
}

/** Reports what Vault refuses an admin. @param page where the policy of the admin's token is */
export function explained<T>(
  { address }: Pick<VaultPlace, "address">,
  work: () => Promise<T>,
  page = adminPolicyPages.vault,
): Promise<T> {
  return work().catch(
    ifRefused(403, (refusal) => {
      throw new UserError(
        {
          problem: `The Vault at ${address} refuses a call that this run needs. The next run resumes from here.`,
          got: `403 to ${refusal.call}`,
          expected: `a token with the policy in ${page}, which has not ended`,
        },
        { cause: refusal },
      );
    }),
  );
}
