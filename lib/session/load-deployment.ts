import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { findSettingsFile, type LoadSettingsOptions, loadSettings } from "../config/file";
import { type Settings, settingsSchema } from "../config/settings";
import { defined } from "../core/defined";
import { accountOf } from "../core/system/os-user";
import { type Deployment, deployment } from "../model/deployment";
import { homePaths } from "../model/home-paths";
import { prefixOf } from "../model/vault/vault-names";
import type { AppProps } from "../stacks/build-app";
import { begunInstance, ensureInstance, instanceHome, instances, readInstance } from "../store/home";
import { lockVariable } from "../store/lock";
import { deployedRecord } from "../store/records/deployed-record";
import { gatewayContainerRecord } from "../store/records/gateway-container-record";
import { hostProps, hostRecord } from "../store/records/host-record";
import { joinedRecord } from "../store/records/joined-record";
import { declaredKey } from "../store/records/key-record";
import { settingsFileRecord } from "../store/records/settings-file-record";
import { selectInstance } from "../store/select";
import { requireSameKind } from "../store/vault-kind";
import { notDeployed } from "./not-deployed";

/**
 * An instance as its settings describe it.
 * @param settingsFile `--settings`
 * @throws UserError if the settings are wrong, or name another kind of Vault than the instance has
 */
export function loadDeployment(instance: string, settingsFile?: string): Deployment {
  return describe(settingsSource(instance, settingsFile));
}

function describe(source: LoadSettingsOptions): Deployment {
  const { settings, file } = loadSettings(source);
  const described = describeOnHost(source.instance, settings, source.home);
  requireSameKind(described);
  return { ...described, ...defined({ settingsFile: file }) };
}

/**
 * The same before a deploy: makes the instance directory if the Vault is external, since the names there contain the
 * instance's id.
 * @throws UserError as {@link loadDeployment} does
 */
export function loadForDeploy(instance: string, settingsFile?: string): Deployment {
  const described = loadDeployment(instance, settingsFile);
  if (!described.external || readInstance(described.home.root)) return described;
  ensureInstance(described.home.root);
  return loadDeployment(instance, settingsFile);
}

/**
 * The file that an instance's settings come from, an absolute path; undefined if all of them are defaults.
 * @param settingsFile `--settings`
 */
export function settingsFileOf(instance: string, settingsFile?: string): string | undefined {
  return findSettingsFile(settingsSource(instance, settingsFile));
}

function settingsSource(instance: string, settingsFile: string | undefined): LoadSettingsOptions {
  const home = instanceHome(instance);
  return {
    instance,
    home,
    projectRoot: process.cwd(),
    ...defined({
      explicitPath: settingsFile || undefined,
      last: settingsFileRecord.read(homePaths(home))?.file,
    }),
  };
}

/**
 * An instance as settings describe it on this host: OpenClaw's folder is in the home directory of the user who runs OpenClaw.
 * @throws UserError if this host has no such user
 */
export function describeOnHost(instance: string, settings: Settings, home: string): Deployment {
  const { user } = settings.openclaw;
  const userHome = user === undefined ? homedir() : accountOf(user).home;
  const paths = homePaths(home);
  const known = { joined: joinedRecord.read(paths), gateway: gatewayContainerRecord.read(paths) };
  return deployment(instance, settings, home, userHome, defined({ id: readInstance(home)?.id, ...known }));
}

/** An instance as its last deploy recorded it; undefined if nothing is recorded, or nothing that this version can read. */
export function lastDeployed(
  { instance, home }: Deployment,
  record = deployedRecord.read(home),
): Deployment | undefined {
  const { data } = settingsSchema.safeParse(record?.settings);
  return data && describeOnHost(instance, data, home.root);
}

/** The deployment that the environment describes, for CDKTF's app, which has no command-line options. */
export function describedDeployment(environment: NodeJS.ProcessEnv = process.env): Deployment {
  const { OPENCLAW_OPENROUTER_SETTINGS } = environment;
  const source = settingsSource(selectInstance({}, environment), OPENCLAW_OPENROUTER_SETTINGS);
  const { projectRoot, ...found } = source;
  // With the lock, this is the command `deploy`, which has searched the folder that it was called in.
  return describe(environment[lockVariable] ? found : source);
}

/**
 * The deployed instance that a command means.
 * @throws UserError (not deployed) if it does not exist
 */
export function openInstance(options: {
  readonly instance?: string;
  readonly settings?: string;
}): Deployment {
  const instance = selectInstance({ named: options.instance });
  const home = instanceHome(instance);
  if (!begunInstance(home)) {
    const { instance: id } = homePaths(home);
    const missing = existsSync(id) ? `no trace of a deploy in ${home}` : `no ${id}`;
    throw notDeployed(instance, `${missing}${othersDeployed()}`);
  }
  return loadDeployment(instance, options.settings);
}

function othersDeployed(): string {
  const others = instances();
  return others.length === 0 ? "" : `; deployed here: ${others.join(", ")} (--instance)`;
}

/**
 * The declaration of the stacks. Creates the instance directory if it is missing: it holds the id that labels the container and
 * volumes.
 * @param key TF_VAR_openrouter_api_key
 */
export function loadDeclaration(described: Deployment, key: string | undefined): Omit<AppProps, "outdir"> {
  const { home, settings, instance, external } = described;
  const { id } = ensureInstance(home.root);
  return {
    deployment: external
      ? { ...described, external: { ...external, prefix: prefixOf(instance, id) } }
      : described,
    instanceId: id,
    ...hostProps(hostRecord.read(home), settings.vault.image),
    ...declaredKey(home.root, key),
  };
}
