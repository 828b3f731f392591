import { statSync } from "node:fs";
import { vaultUser } from "../../docker/home-files";
import { usersOf } from "../../docker/volumes";
import { instanceLabel } from "../../model/instance-label";
import { socketFolder } from "../../model/vault-config";
import { wayBack } from "../../session/require-data";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** Inspects the volumes: Vault's data, the container's home and the Unix listener. */
export const volumes: Probe = {
  id: "volumes",
  managedOnly: true,
  async inspect(context) {
    const { dataVolume, homeVolume, socketVolume } = context.deployed;
    const findings = await Promise.all([
      volume(context, dataVolume, "data"),
      volume(context, homeVolume, "home"),
      volume(context, socketVolume, "socket"),
    ]);
    return [...findings.flat(), ...(await socketFolderOf(context))];
  },
};

/** The end of the summary for a missing volume, by purpose. */
const purposes = {
  data: "with Vault's data is gone, and with it every secret that was not backed up",
  home: "of the container's home is gone",
  socket: "of Vault's Unix listener is gone",
} as const;

async function volume(
  context: DriftContext,
  name: string,
  purpose: keyof typeof purposes,
): Promise<Finding[]> {
  const holdsData = purpose === "data";
  const { api } = context.engine;
  const now = await api.inspectVolume(name);
  const subject = `volume ${name}`;
  if (!now) {
    return [
      drift({
        id: `volume.${purpose}`,
        severity: holdsData ? "critical" : "major",
        subject,
        summary: `The volume ${purposes[purpose]}`,
        expected: "there",
        actual: "gone",
        ...(holdsData ? { fix: byPerson(wayBack(context.home, context.deployed.instance)) } : {}),
        explains: [
          "container.gone",
          "plan.docker_*",
          "plan.terraform_data.bootstrap*",
          ...(holdsData ? ["vault.*"] : []),
        ],
      }),
    ];
  }
  const label = now.Labels?.[instanceLabel];
  if (label !== context.instanceId) {
    return [
      drift({
        id: `volume.foreign:${name}`,
        severity: "critical",
        subject,
        summary: "The volume does not belong to this instance",
        field: "Labels",
        expected: `${instanceLabel}=${context.instanceId}`,
        actual: label ? `${instanceLabel}=${label}` : "no such label",
        fix: byPerson(`Find out whose it is: docker volume inspect ${name}`),
        explains: [
          "plan.docker_volume.*",
          // A plan would replace it with this instance's volume, and such a plan is refused.
          "plan.vault.unknown",
          // A volume can only be replaced after its container is removed.
          "container.gone",
          ...(holdsData ? ["vault.empty", "vault.cluster"] : ["docker.exec.*"]),
        ],
      }),
    ];
  }
  const ours = (await context.container())?.Id ?? (await context.appliedContainer())?.id;
  const applied = (await context.appliedContainer())?.id;
  const others = (await usersOf(api, name, now.Mountpoint)).filter(({ id }) => id !== ours && id !== applied);
  return others.map((other) =>
    drift({
      id: `volume.shared:${name}`,
      severity: "critical",
      subject,
      summary: "Another container uses Vault's volume as well",
      field: "containers",
      expected: context.deployed.container,
      actual: other.name,
      since: other.created,
      fix: byPerson(`Find out what it is for, then: docker rm -f ${other.name}`),
    }),
  );
}

/** The folder's mode decides who reaches the Unix listener. Only root can read the engine's own folders. */
async function socketFolderOf({ engine, deployed }: DriftContext): Promise<Finding[]> {
  const { Mountpoint } = (await engine.api.inspectVolume(deployed.socketVolume)) ?? {};
  const entry = Mountpoint ? statIfAllowed(Mountpoint) : undefined;
  if (!entry) return [];
  const shown = (mode: number, uid: number) => `mode ${(mode & 0o777).toString(8)}, of uid ${uid}`;
  const [expected, actual] = [shown(0o700, vaultUser.uid), shown(entry.mode, entry.uid)];
  if (actual === expected) return [];
  return [
    drift({
      id: "volume.socket-folder",
      severity: "critical",
      subject: `${socketFolder} in the container`,
      summary: "Other containers that mount this volume can have access to Vault",
      expected,
      actual,
    }),
  ];
}

function statIfAllowed(path: string) {
  try {
    return statSync(path);
  } catch {
    return undefined;
  }
}
