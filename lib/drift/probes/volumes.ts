import { wayBack } from "../../deploy/require-data";
import { instanceLabel } from "../../model/instance-label";
import { usersOf } from "../container-shape";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding, type Probe } from "../finding";

/** Vault's data, and the container's home. */
export const volumes: Probe = {
  id: "volumes",
  ofExisting: false,
  async look(context) {
    const { dataVolume, homeVolume } = context.deployed;
    const found = await Promise.all([volume(context, dataVolume, true), volume(context, homeVolume, false)]);
    return found.flat();
  },
};

async function volume(context: DriftContext, name: string, holdsData: boolean): Promise<Finding[]> {
  const { api } = context.engine;
  const now = await api.inspectVolume(name);
  const subject = `volume ${name}`;
  if (!now) {
    return [
      drift({
        id: holdsData ? "volume.data" : "volume.home",
        severity: holdsData ? "critical" : "major",
        subject,
        seen: holdsData
          ? "The volume with Vault's data is gone, and with it every secret that was not backed up"
          : "The volume of the container's home is gone",
        declared: "there",
        found: "gone",
        ...(holdsData ? { mend: byPerson(wayBack(context.home, context.deployed.instance)) } : {}),
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
        seen: "A volume that is not this instance's stands in the place of ours",
        field: "Labels",
        declared: `${instanceLabel}=${context.instanceId}`,
        found: label ? `${instanceLabel}=${label}` : "no such label",
        mend: byPerson(`See whose it is: docker volume inspect ${name}`),
        explains: [
          "plan.docker_volume.*",
          // Ours would be in its place: a plan that replaces it is refused.
          "plan.vault.unknown",
          // Nobody takes a volume away that a container uses.
          "container.gone",
          ...(holdsData ? ["vault.empty", "vault.cluster"] : ["guide-command"]),
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
      seen: "Another container has Vault's volume as well",
      field: "containers",
      declared: context.deployed.container,
      found: other.name,
      since: other.created,
      mend: byPerson(`See what it is for, then: docker rm -f ${other.name}`),
    }),
  );
}
