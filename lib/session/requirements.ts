import { existsSync } from "node:fs";
import { sandboxInstance } from "../config/sandbox";
import { UserError, wrongUsage } from "../core/errors";
import { quote } from "../core/text";
import { minuteOf } from "../core/time";
import { loopbackWarning } from "../docker/engine";
import { programOf } from "../docker/image-program";
import { isOurVolume, otherName, ourContainer } from "../docker/ours";
import type { EngineInfo } from "../docker/schemas";
import { addressesOf, type Deployment, isVaultElsewhere } from "../model/deployment";
import { type HomePaths, type StackName, stackNames } from "../model/home-paths";
import { ownerOf, parseState, type State } from "../model/terraform-state";
import { endlessWarning, requireSupported } from "../model/vault/vault-version";
import { adoptionRecord } from "../store/records/adoption-record";
import { readBackups } from "../store/records/backup-record";
import { deployedRecord } from "../store/records/deployed-record";
import { hostRecord } from "../store/records/host-record";
import { readKeyRecord } from "../store/records/key-record";
import { settingsFileRecord } from "../store/records/settings-file-record";
import { requireStatePlace } from "../terraform/kept-backend";
import { stateStore } from "../terraform/state-store";
import { containerHost, type DeployContext, type EngineContext, engineOf } from "./context";
import { lastDeployed } from "./load-deployment";

/** The states in the settings' backend, by stack; undefined if there is none. */
type States = Readonly<Record<StackName, State | undefined>>;

/**
 * Checks that the settings come from a file if those of the last deploy did: without its file, a deploy would take every setting
 * back to its default.
 * @throws UserError (wrong usage) if the file is missing, with the fix
 */
export function requireLastSettings({ instance, home, settingsFile }: Deployment): void {
  const last = settingsFileRecord.read(home)?.file;
  if (last === undefined || settingsFile !== undefined) return;
  throw wrongUsage({
    problem: `The settings file of the last deploy of the instance ${instance} is missing. Nothing was changed.`,
    got: `no ${last}`,
    expected: "that file, or another one",
    fix: "Put it back, or name another file by --settings. For the defaults, name a file that contains {}.",
  });
}

/**
 * Checks that the settings name the servers of the last deploy. They can be those of a folder that a person only looks at, such as a
 * clone, and a command sends the key and its credentials to the addresses that they name.
 * @throws UserError if they name another OpenRouter, or another place of an external Vault
 */
export function requireDeployedServers(deployment: Deployment): void {
  const deployed = lastDeployed(deployment);
  if (!deployed) return;
  const isElsewhere = isVaultElsewhere(deployment, deployed);
  const [what, got, expected] = isElsewhere
    ? (["Vault", addressesOf(deployment), addressesOf(deployed)] as const)
    : (["OpenRouter", deployment.baseUrl, deployed.baseUrl] as const);
  if (!isElsewhere && got === expected) return;
  const isJoined = deployment.external?.joinedAs !== undefined;
  throw new UserError({
    problem: `The settings name another ${what} than the deployed one, which gets no key and no credential from here.`,
    got: deployment.settingsFile ? `${got} in ${deployment.settingsFile}` : got,
    expected: `${expected}, as the last ${isJoined ? "`host join`" : "`up` or `deploy`"} recorded it`,
    fix: isJoined
      ? "openclaw-openrouter host join\nif it is meant; else run this in another folder."
      : "openclaw-openrouter up\nif it is meant, after a bare `cdktf deploy` too, which records nothing; else run this in another folder.",
  });
}

/**
 * Checks that Terraform's states continue those of the last deploy: with another state, or none, a plan would create existing
 * resources again.
 * @throws UserError if they do not, with the fix
 */
export async function requireStates(context: DeployContext): Promise<void> {
  const { deployment } = context;
  const { home } = deployment;
  requireStatePlace(deployment);
  if (adoptionRecord.read(home))
    throw new UserError({
      problem: "An adoption of resources without a state was interrupted.",
      fix: `openclaw-openrouter state adopt --instance ${deployment.instance}\nwhich resumes it.`,
    });
  const states = await readStates(context);
  refuseOtherStates(context, states);
  const recorded = deployedRecord.read(home)?.states ?? {};
  const lost = stackNames.filter((stack) => recorded[stack] && !states[stack]);
  if (lost.length > 0) throw stateLost(deployment, lost);
}

export async function readStates(context: DeployContext): Promise<States> {
  const { backend } = context.deployment.settings.terraform;
  const [vault, openrouter] = await Promise.all(
    stackNames.map(async (stack) => parseState(await stateStore(context, stack, backend).read())),
  );
  return { vault, openrouter };
}

/**
 * @param begun the stacks whose states are being re-created, with a lineage that is not recorded yet
 * @throws UserError if a state is another instance's, or has another lineage than at the last deploy
 */
export function refuseOtherStates(
  { deployment, instanceId }: DeployContext,
  states: States,
  begun: readonly StackName[] = [],
): void {
  const owner = ownerOf(states.vault);
  if (owner && owner !== instanceId) throw anothersState(deployment, owner, instanceId);
  const recorded = deployedRecord.read(deployment.home)?.states ?? {};
  for (const stack of stackNames) {
    const [was, now] = [recorded[stack], states[stack]];
    if (was && now && was.lineage !== now.lineage && !begun.includes(stack))
      throw otherLineage(deployment, stack, was.lineage, now.lineage);
  }
}

export function stateLost(deployment: Deployment, lost: readonly StackName[]): UserError {
  const { home, settings, instance } = deployment;
  const isKept =
    settings.terraform.backend.type === "local" &&
    lost.every((stack) => existsSync(home.deployedState(stack)));
  const adopt = `openclaw-openrouter state adopt --instance ${instance}\nwhich takes over what is there, and replaces the container.`;
  return new UserError({
    problem: `Terraform's state is gone, and what it told of may be there: ${lost.length > 1 ? "stacks" : "stack"} ${lost.join(" and ")}. Nothing was changed.`,
    got: "no state",
    expected: "the state that the last deploy left",
    fix: isKept
      ? `openclaw-openrouter drift --fix --instance ${instance}\nwhich restores the last deploy's copy; or\n${adopt}`
      : adopt,
  });
}

function anothersState({ settings }: Deployment, owner: string, id: string): UserError {
  return new UserError({
    problem: "This state is another instance's. Nothing was changed.",
    got: `a state of the instance with id ${owner}`,
    expected: `one of the instance with id ${id}, or none`,
    fix:
      settings.terraform.backend.type === "local"
        ? "Restore the right state from a backup of the instance directory."
        : "Give each instance its own place: another schema, key or path in `terraform.backend.config`. If that one was purged, remove its states from there.",
  });
}

function otherLineage(deployment: Deployment, stack: StackName, was: string, now: string): UserError {
  const { home, settings, instance } = deployment;
  const isLocal = settings.terraform.backend.type === "local";
  const isKept = isLocal && existsSync(home.deployedState(stack));
  const [place, aside] = isLocal
    ? [home.state(stack), "move that file away"]
    : ["the backend", "remove it from the backend, or name another place there"];
  return new UserError({
    problem: `The state of the stack ${stack} is not the one that the last deploy left. Nothing was changed.`,
    got: `lineage ${now} in ${place}`,
    expected: `lineage ${was}`,
    fix: [
      ...(isKept
        ? [`openclaw-openrouter drift --fix --instance ${instance}  restores the last deploy's copy.`]
        : ["Restore the right one."]),
      `If that one is lost, ${aside}, then: openclaw-openrouter state adopt --instance ${instance}`,
    ].join("\n"),
  });
}

/**
 * Checks that Vault's container can be made as declared: the image contains a supported Vault, which is recorded, and the engine can
 * publish its port.
 * @returns warnings about it
 * @throws UserError if it cannot
 */
export async function requireVaultContainer(
  context: Pick<DeployContext, "deployment" | "host">,
): Promise<string[]> {
  const { deployment, host } = context;
  if (deployment.external) return [];
  const { engine, image } = containerHost(context);
  requirePublishable(engine, deployment.settings.vault.listen);
  const record = hostRecord.read(deployment.home) ?? {};
  const program = await programOf(engine.api, image.reference, deployment.home.root, record.program);
  if (program.id !== record.program?.id) hostRecord.write(deployment.home, { ...record, program });
  requireSupported(program, deployment.settings.vault.image);
  // If the port is closed to the network, only this host's users can reach it.
  const open = loopbackWarning(engine);
  const isOpen =
    deployment.settings.vault.listen !== undefined ||
    (open !== undefined && host.warnings.some((warning) => warning.startsWith(open)));
  const warning = isOpen ? endlessWarning(program.version) : undefined;
  return warning ? [warning] : [];
}

/**
 * Checks that the engine can publish Vault's port at `vault.listen` beside the loopback. One without root takes a port once, at
 * whatever address: https://github.com/moby/moby/issues/47812.
 * @throws UserError (wrong usage) if it cannot
 */
export function requirePublishable(
  { isRootless }: Pick<EngineInfo, "isRootless">,
  listen: string | undefined,
): void {
  if (!isRootless || listen === undefined) return;
  throw wrongUsage({
    problem: "`vault.listen` needs an engine that runs as root. Nothing was changed.",
    got: "a rootless engine, which publishes a port at one address only, and Vault's is on the loopback",
    expected: "an engine of root, or no `vault.listen`",
    fix: "Remove `vault.listen` from the settings. For hosts on other machines deploy on an engine of root, or use a Vault of your own: docs/external-vault.md.",
  });
}

/**
 * Checks that the volume with Vault's data exists: a deploy would create an empty one instead.
 * @throws UserError if it is missing; it names what is lost, and the backup that restores it
 */
export async function requireData(context: DeployContext): Promise<void> {
  const { deployment } = context;
  if (deployment.external || !wasDeployedAs(deployment)) return;
  const { engine } = containerHost(context);
  if (await engine.api.inspectVolume(deployment.dataVolume)) return;
  const { fingerprint } = readKeyRecord(deployment.home);
  throw new UserError({
    problem: `The volume ${deployment.dataVolume}, which held Vault's data, is gone. Nothing was changed.`,
    got: `no such volume on the engine at ${engine.socket}. With it is lost: every secret of this Vault, which is the OpenRouter key${fingerprint ? ` with fingerprint ${fingerprint}` : ""} and all else under secret/; its tokens, policies and audit settings`,
    expected: "the volume on which the last deploy left it",
    fix: wayBack(deployment.home, deployment.instance),
  });
}

/** Whether the last deploy used a volume of this name. Another name is a change of the settings. */
function wasDeployedAs(deployment: Deployment): boolean {
  const record = deployedRecord.read(deployment.home);
  return Boolean(record?.clusterId) && lastDeployed(deployment, record)?.dataVolume === deployment.dataVolume;
}

/** The fix for a Vault whose data are missing. */
export function wayBack(home: HomePaths, instance: string): string {
  const newest = readBackups(home)
    .filter(({ file }) => existsSync(file))
    .at(-1);
  const again = `openclaw-openrouter destroy --purge --instance ${instance}, then up with a key`;
  return newest
    ? `openclaw-openrouter restore --from ${quote(newest.file)} --instance ${instance}\nbrings back what was there on ${minuteOf(newest.created)}; what came later is lost. To start again instead:\n${again}`
    : `No backup of this instance is recorded with a file on this host: look for one on other hosts. To start again:\n${again}`;
}

/** @throws NotOurs if a container or volume with the instance's names lacks the instance's label */
export async function requireOurs(context: EngineContext): Promise<void> {
  const { instance, container, dataVolume, homeVolume, socketVolume } = context.deployment;
  const { api } = engineOf(context);
  const volumes = [dataVolume, homeVolume, socketVolume];
  const fixOf = (owner: string | undefined) => {
    if (instance === sandboxInstance) return otherSandbox(container, volumes);
    return owner === undefined ? otherName(owner) : `${lostDirectory(context.deployment)}${otherName(owner)}`;
  };
  await Promise.all([
    ourContainer(api, container, context.instanceId, fixOf),
    ...volumes.map((volume) => isOurVolume(api, volume, context.instanceId, fixOf)),
  ]);
}

/** The sandbox's names are fixed, so an engine has one. */
function otherSandbox(container: string, volumes: readonly string[]): string {
  return [
    "A host has one sandbox. Its user removes it by: openclaw-openrouter destroy --purge --instance sandbox",
    "If its directory is lost, with all that is in it:",
    `docker rm --force ${container}`,
    `docker volume rm --force ${volumes.join(" ")}`,
  ].join("\n");
}

/** Where nothing was deployed, the names can be this instance's own from before its directory was lost: a backup knows its id. */
function lostDirectory({ home, instance }: Deployment): string {
  if (deployedRecord.read(home)) return "";
  const away = `mv ${quote(home.root)} ${quote(`${home.root}.begun`)}`;
  return `If it is this instance's, and its directory was lost, bring it back from a backup:\n${away}\nopenclaw-openrouter restore --from FILE --share-file FILE --instance ${instance}\nElse: `;
}
