import { type LastCheck, readLastCheck } from "../check";
import { table } from "../core/text";
import { minuteOf } from "../core/time";
import { findEngine } from "../docker/engine";
import { programVersion } from "../host/program-files";
import type { Deployment } from "../model/deployment";
import { namingInstance } from "../report/clean";
import { caFingerprint, exportLine, readableCa, tunnelLine } from "../session/how-to-reach-vault";
import { inspectSchedules } from "../session/schedule/inspect-schedules";
import { lastAlerts } from "../store/history";
import { readInstance } from "../store/home";
import { currentHolder } from "../store/lock";
import { readChannels } from "../store/records/alert-channels";
import { type DeployedRecord, deployedRecord } from "../store/records/deployed-record";
import { readKeyRecord } from "../store/records/key-record";
import { replacingCommands, replacingRecord, resumingCommand } from "../store/records/replacing-record";
import { rotationRecord } from "../store/records/rotation-record";
import { readShares } from "../vault/shares/shares-file";
import { sealStatusIfAny } from "../vault/wait";
import { leftKeys } from "./key/run-pending-cleanups";

/** The state of an instance, read without a change. */
export type Status = Awaited<ReturnType<typeof readStatus>>;

/** Inspects the instance; starts and unseals nothing. What is not known is undefined. */
export async function readStatus(deployment: Deployment) {
  const { home, external } = deployment;
  const found = await findEngine();
  const engine = found.state === "running" ? found.engine : undefined;
  const name = external ? external.container : deployment.container;
  const container = name ? await engine?.api.inspectContainer(name) : undefined;
  const seal = await sealStatusIfAny(deployment);
  const check = readLastCheck(home);
  const deployed = deployedRecord.read(home);
  const replacing = replacingRecord.read(home);
  return {
    version: 1 as const,
    instance: deployment.instance,
    /** The version of the program. */
    program: programVersion(),
    home: home.root,
    /** The settings file. Undefined if all settings are defaults. */
    settings: deployment.settingsFile,
    id: readInstance(home.root)?.id,
    deployedAt: deployed?.at,
    engine: engine
      ? `Docker Engine ${engine.version} at ${engine.socket}`
      : `none that answers (${found.state})`,
    /** Undefined if Vault is external and its container is not known. */
    container: name
      ? { name, state: container?.State.Status ?? (engine ? "missing" : "not known") }
      : undefined,
    vault: {
      address: deployment.address,
      /** The CA certificates that verify it, readable by every user of this host. */
      caFile: readableCa(deployment),
      /** The SHA-256 of the instance's own CA, as a browser shows it. */
      caFingerprint: caFingerprint(deployment),
      version: seal?.version,
      sealed: seal?.sealed,
      /** The instance's own Vault, or an external one. */
      kind: external ? ("external" as const) : ("own" as const),
      /** The name of this host in the Vault of another instance, which it joined. */
      joinedAs: external?.joinedAs,
      /** Where the unseal key shares are stored. */
      shares: readShares(home.shares) ? ("on this host" as const) : ("not on this host" as const),
    },
    key: {
      /** The fingerprint of the last stored key. */
      fingerprint: readKeyRecord(home).fingerprint,
      /** OpenRouter's label of the key, as last reported. */
      label: labelOf(deployed, check),
      /** Set if a rotation was interrupted: the next deploy resumes it. */
      rotation: rotationRecord.read(home) && ("under way" as const),
      /** The replaced keys that are not deleted at OpenRouter yet. */
      old: leftKeys(home).map(({ key }) => key),
    },
    lastCheck: check && { at: check.at, outcome: check.outcome },
    /** The warnings that the settings accept. */
    accepted: deployment.settings.check.accepted,
    /** The receivers of alerts, by name. */
    alerts: readChannels(home).channels.map(({ name }) => name),
    /** The last ten alerts, the newest first. */
    events: lastAlerts(home, 10).map(({ at, phase, summary }) => ({ at, phase, summary })),
    /** The problems of what the host runs by itself. */
    schedules: inspectSchedules({ home: home.root, instance: deployment.instance }).stale.map(
      ({ command, problem }) => `${command} ${problem}`,
    ),
    /** Set if a replacement of Vault's data is not finished: no other command deploys before it is. */
    replacing: replacing && {
      command: replacingCommands[replacing.command],
      since: replacing.since,
      resume: resumingCommand(replacing),
    },
    /** The run that holds the instance's lock now. */
    running: currentHolder(home.lock),
  };
}

/** The newer of the deploy's and the check's: a rotation can follow the last check. */
function labelOf(deployed: DeployedRecord | undefined, check: LastCheck | undefined): string | undefined {
  const isDeployNewer = Date.parse(deployed?.at ?? "") > Date.parse(check?.at ?? "");
  return isDeployNewer ? (deployed?.key?.label ?? check?.keyLabel) : check?.keyLabel;
}

/** How a shell, another machine and a browser reach the instance's own Vault. */
function waysIn({ address, caFile, caFingerprint }: Status["vault"]): Row[] {
  return [
    ["in a shell", exportLine({ address, ...(caFile ? { caFile } : {}) })],
    ["over SSH", tunnelLine({ address })],
    ["in a browser", caFingerprint && `warns once; the CA's SHA-256: ${caFingerprint}`],
  ];
}

function describeShares({ kind, shares }: Status["vault"]): string {
  if (kind === "external") return "its owner's: this Vault is external";
  return shares === "on this host"
    ? "on this host: openclaw-openrouter shares export gives them to people"
    : shares;
}

/** Whether the instance is deployed. */
export function isDeployed({ vault, container, deployedAt }: Status): boolean {
  return vault.kind === "own" ? container?.state !== "missing" : deployedAt !== undefined;
}

const outcomes = { pass: "passed", warn: "passed with warnings", fail: "failed" } as const;

/** The outcome and the time of the last check, for people. */
export function describeLastCheck(check: Status["lastCheck"]): string {
  return check ? `${outcomes[check.outcome]}, ${minuteOf(check.at)}` : "none";
}

/** When the last deploy was completed, for people. */
export function describeDeployed(at: string | undefined): string {
  return at === undefined ? "never completed" : minuteOf(at);
}

function describeReplacing(replacing: Status["replacing"]): string | undefined {
  return replacing && `${replacing.command} of ${minuteOf(replacing.since)}; ${replacing.resume} resumes it`;
}

/** A line of the status; left out without a value. */
type Row = readonly [name: string, value: string | undefined];

/** The status as text for a person, one line a value. */
export function renderStatus({ vault, key, container, running, lastCheck, ...status }: Status): string {
  const sealed = vault.sealed === undefined ? "does not answer" : vault.sealed ? "sealed" : "unsealed";
  const known = [key.label, key.fingerprint && `fingerprint ${key.fingerprint}`].filter(Boolean);
  const all: Row[] = [
    ["instance", status.instance],
    ["home", status.home],
    ["settings", status.settings ?? "the defaults: there is no settings file"],
    ["deployed", describeDeployed(status.deployedAt)],
    ["engine", status.engine],
    ["container", container ? `${container.name}: ${container.state}` : "not known"],
    ["Vault", [sealed, vault.version, vault.address].filter(Boolean).join(", ")],
    [
      "",
      vault.address.startsWith("http:")
        ? "plain HTTP: only its listener's user identifies it as Vault"
        : undefined,
    ],
    ...(vault.kind === "external" ? [] : waysIn(vault)),
    ["joined as", vault.joinedAs],
    ["shares", describeShares(vault)],
    ["key", known.join(", ") || "none stored yet"],
    ["last check", describeLastCheck(lastCheck)],
    ...status.accepted.map(
      ({ id, warning, reason, until }): Row => [
        "accepted",
        `${warning ? `${id} ${warning}` : id}${until ? ` until ${until}` : ""}: ${reason}`,
      ],
    ),
    ["alerts", status.alerts.join(", ") || "none are sent: openclaw-openrouter alerts add"],
    ...status.schedules.map((problem): Row => ["schedule", problem]),
    ...status.events.map(({ at, phase, summary }): Row => ["event", `${minuteOf(at)} ${phase}: ${summary}`]),
    ["running now", running && `${running.command}, pid ${running.pid}`],
    ["not finished", running ? undefined : describeReplacing(status.replacing)],
    ["rotation", key.rotation && "was interrupted; the next `up` or `key rotate` resumes it"],
    ["old keys", key.old.length > 0 ? `to be deleted: ${key.old.join(", ")}` : undefined],
  ];
  const rows = all.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
  return namingInstance(status.instance, table(rows));
}
