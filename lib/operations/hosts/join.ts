import { join as joinPath } from "node:path";
import { recordCheck, runChecks } from "../../check";
import { settingsFileNames } from "../../config/file";
import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { writeNewFile, writePrivateFile } from "../../core/files/files";
import { withTemporaryFolder } from "../../core/files/temporary-folder";
import { jsonText } from "../../core/text";
import { answeringEngine } from "../../docker/engine";
import type { Deployment } from "../../model/deployment";
import { type HomePaths, homePaths } from "../../model/home-paths";
import { type Invitation, joiningSettings } from "../../model/invitation";
import { artifactNames, renderArtifacts } from "../../model/openclaw/openclaw";
import { checkParametersOf, installParametersOf } from "../../model/run-parameters";
import { type Installation, install } from "../../openclaw/install";
import type { CheckReport } from "../../report/check-report";
import { followCa } from "../../session/ca-for-hosts";
import type { EngineContext } from "../../session/context";
import { loadDeployment, settingsFileOf } from "../../session/load-deployment";
import { recordSettingsFile } from "../../session/record-deployment";
import { readCredential, writeCredential } from "../../store/credentials";
import { ensureInstance, instanceHome } from "../../store/home";
import { deployedRecord } from "../../store/records/deployed-record";
import { readExternalVault } from "../../store/records/external-vault-record";
import { joinedRecord } from "../../store/records/joined-record";
import { hasOwnVault } from "../../store/vault-kind";
import { VaultClient } from "../../vault/client";
import { useInvitation, verifyInvitation } from "../../vault/hosts/open-invitation";
import { logInTo } from "../../vault/log-in";
import { readSealStatus } from "../../vault/wait";
import { chooseGatewayContainer } from "../deploy/gateway-container";

interface JoinOptions extends Pick<EngineContext, "phase" | "say" | "signal"> {
  /** @default only what is on this host already is renewed and checked */
  readonly invitation?: Invitation;
  /** `--settings`. */
  readonly settingsFile?: string;
}

export interface Joined {
  /** Whether the invitation was used: not if this host's credential works already. */
  readonly used: boolean;
  readonly files: Installation;
  readonly check: CheckReport;
}

/**
 * Describes this host as an instance of the Vault that invites it: its settings name the Vault, its CA and the secret's path.
 * @throws UserError if the instance has settings or a Vault of its own, or the invitation was used before
 */
export async function describeJoining(
  instance: string,
  invitation: Invitation,
  settingsFile?: string,
): Promise<Deployment> {
  const root = instanceHome(instance);
  const home = homePaths(root);
  const joined = joinedRecord.read(home);
  if (!joined) requireUnused(instance, home);
  const hasJoined = holdsCredentialOf(home, invitation);
  if (hasJoined) await requireCredential(loadDeployment(instance, settingsFile), invitation);
  else await inspectInvitation(invitation);
  ensureInstance(root);
  const { ca } = invitation;
  const wanted = joiningSettings(invitation, home.joinedCa);
  if (settingsFileOf(instance, settingsFile) === undefined)
    writeNewFile(joinPath(root, settingsFileNames[0] ?? ""), jsonText(wanted), 0o600);
  const described = loadDeployment(instance, settingsFile);
  requireNames(described, wanted);
  // Only that of an invitation that was verified now: what a host has joined by stays.
  if (ca && !hasJoined) writePrivateFile(home.joinedCa, ca);
  return described;
}

/** @throws UserError if the instance was deployed on this host: joining would leave its Vault behind */
function requireUnused(instance: string, home: HomePaths): void {
  if (!hasOwnVault(home) && !readExternalVault(home)) return;
  throw new UserError({
    problem: `The instance ${instance} was deployed on this host. The invitation stays unused.`,
    got: home.root,
    expected: "an instance that is not deployed yet",
    fix: "openclaw-openrouter host join --instance NAME\nwith another name for this host's part, or purge the deployed one first.",
  });
}

/** @param wanted what the settings should say of these options */
function requireNames({ settings, home }: Deployment, wanted: object): void {
  const { address, caFile, namespace } = settings.vault;
  const found = {
    vault: defined({ address, caFile, namespace }),
    openrouter: { path: settings.openrouter.path, baseUrl: settings.openrouter.baseUrl },
  };
  const [got, expected] = [JSON.stringify(found), JSON.stringify(wanted)];
  if (got === expected) return;
  throw new UserError({
    problem: "This instance's settings do not name the Vault of the invitation, which stays unused.",
    got,
    expected,
    fix: `Set these four options in the settings of ${home.root}, then run this again. Or join as another instance: --instance NAME`,
  });
}

/** Verifies an invitation before anything on this host changes. */
function inspectInvitation(invitation: Invitation): Promise<void> {
  return withTemporaryFolder("join", async (folder) => {
    const caFile = joinPath(folder, "ca.pem");
    if (invitation.ca) writePrivateFile(caFile, invitation.ca);
    const { address, otherAddresses, namespace } = invitation;
    const place = { address, ...defined({ otherAddresses, caFile: invitation.ca && caFile, namespace }) };
    await verifyInvitation(VaultClient.at(place), invitation);
  });
}

/**
 * Whether an invitation gave this host's credential: a role that is written again has another id, and another Vault's has too. An
 * earlier credential is not tried, least of all at what another invitation names.
 */
function holdsCredentialOf(home: HomePaths, { roleId }: Invitation): boolean {
  return readCredential(home, "reader")?.roleId === roleId;
}

/** @throws UserError if Vault does not take the credential that an invitation gave */
async function requireCredential(deployment: Deployment, { name }: Invitation): Promise<void> {
  if (await logInTo(deployment, "reader")) return;
  throw new UserError({
    problem: "Vault does not take the credential that this host got by this invitation, which is used up.",
    expected: "this host's address, as Vault sees it, among those of the invitation; and no eviction since",
    fix: `On the Vault's host, the command \`host invite ${name} --again --address THIS-HOST/32\` prints another invitation.`,
  });
}

/**
 * Joins the Vault of another instance: takes this host's credential from the invitation, places OpenClaw's files, and checks by
 * a chat. A second run changes nothing.
 * @throws UserError if the invitation was used before, or OpenClaw's files cannot be placed
 */
export async function joinHost(
  described: Deployment,
  { invitation, settingsFile, phase, say, signal }: JoinOptions,
): Promise<Joined> {
  // Before the invitation is used: a container that the files would not fit leaves it as it was.
  await chooseGatewayContainer(described, say, { signal });
  const used = await phase(
    "Credential",
    async () => invitation !== undefined && takeCredential(described, invitation),
    (isNew) => (isNew ? "taken from the invitation" : "unchanged"),
  );
  // From now on its record says that it has joined.
  const deployment = loadDeployment(described.instance, settingsFile);
  const { home } = deployment;
  if (!used) await followCa(deployment);
  const files = await phase("OpenClaw's files", async () => placeFiles(deployment));
  const { cluster_id: clusterId } = await readSealStatus(VaultClient.at(deployment));
  const before = deployedRecord.read(home);
  const { settings } = deployment;
  if (used || before === undefined || JSON.stringify(before.settings) !== JSON.stringify(settings))
    deployedRecord.write(home, { at: new Date().toISOString(), settings, ...defined({ clusterId }) });
  recordSettingsFile(deployment);
  // Of a gateway's container; a joined host needs no engine for anything else.
  const engine = deployment.gateway && (await answeringEngine());
  const check = await phase("Check", (progress) =>
    runChecks({
      parameters: checkParametersOf(deployment),
      ...defined({ engine }),
      ...{ unseal: false, spend: true, progress, signal },
    }),
  );
  recordCheck(home, check);
  return { used, files, check };
}

/** @returns whether the invitation was used, or had been used by a run that was killed then */
async function takeCredential(deployment: Deployment, invitation: Invitation): Promise<boolean> {
  const { home } = deployment;
  const { name, prefix, role } = invitation;
  const vault = VaultClient.at(deployment);
  const isHere = holdsCredentialOf(home, invitation);
  if (isHere && joinedRecord.read(home)?.role === role) return false;
  const { cluster_id: clusterId = "" } = await (isHere
    ? readSealStatus(vault)
    : verifyInvitation(vault, invitation));
  // At once: Vault gives it only this time.
  if (!isHere) writeCredential(home, "reader", await useInvitation(vault, invitation));
  joinedRecord.write(home, { name, prefix, role, clusterId, since: new Date().toISOString() });
  await requireCredential(deployment, invitation);
  return true;
}

function placeFiles(deployment: Deployment): Installation {
  const artifacts = renderArtifacts(deployment);
  for (const name of artifactNames)
    writePrivateFile(joinPath(deployment.home.rendered, name), artifacts[name]);
  return install(installParametersOf(deployment));
}
