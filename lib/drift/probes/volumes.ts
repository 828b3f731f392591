import { statSync } from "node:fs";
import { attempt } from "../../core/attempt";
import { type PathAccess, readAccess, vaultUser } from "../../docker/home-files";
import { usersOf } from "../../docker/volumes";
import { gidInContainer, uidInContainer } from "../../host/container-users";
import { socketFolder } from "../../model/vault/vault-config";
import { wayBack } from "../../session/requirements";
import type { DriftContext } from "../context";
import { foreignLabel } from "../field-texts";
import { drift, gone } from "../finding";
import { accessOf } from "../home-volume";
import { type Findings, managedProbe } from "../probe";

/** Inspects the volumes: Vault's data, the container's home and the Unix listener. */
export const volumes = managedProbe("volumes", async (context) => {
  const { dataVolume, homeVolume, socketVolume } = context.deployed;
  return Promise.all([
    volume(context, dataVolume, "data"),
    volume(context, homeVolume, "home"),
    volume(context, socketVolume, "socket"),
    socketFolderOf(context),
  ]);
});

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
): Promise<Findings> {
  const holdsData = purpose === "data";
  const { api } = context.engine;
  const now = await api.inspectVolume(name);
  const subject = `volume ${name}`;
  if (!now)
    return gone(`volume.${purpose}`, holdsData ? "critical" : "major", subject, {
      summary: `The volume ${purposes[purpose]}`,
      fix: holdsData ? wayBack(context.home, context.deployed.instance) : undefined,
      explains: [
        "container.gone",
        "plan.docker_*",
        "plan.terraform_data.bootstrap*",
        ...(holdsData ? ["vault.*"] : []),
      ],
    });
  const foreign = foreignLabel(now.Labels, context.instanceId);
  if (foreign)
    return drift(`volume.foreign:${name}`, "critical", subject, {
      ...foreign,
      summary: "The volume does not belong to this instance",
      fix: `Find out whose it is: docker volume inspect ${name}`,
      explains: [
        "plan.docker_volume.*",
        // A plan would replace it with this instance's volume, and such a plan is refused.
        "plan.vault.unknown",
        // A volume can only be replaced after its container is removed.
        "container.gone",
        ...(holdsData ? ["vault.empty", "vault.cluster"] : ["docker.exec.*"]),
      ],
    });
  // The gateway's container is to mount the listener's volume; its own probe inspects how.
  const gateway = purpose === "socket" ? context.deployed.gateway?.container : undefined;
  const applied = (await context.appliedContainer())?.id;
  const ours = (await context.container())?.Id ?? applied;
  const others = (await usersOf(api, name, now.Mountpoint)).filter(
    (other) => other.id !== ours && other.id !== applied && other.name !== gateway,
  );
  return others.map((other) =>
    drift(`volume.shared:${name}`, "critical", subject, {
      summary: "Another container uses Vault's volume as well",
      compared: [context.deployed.container, other.name, "containers"],
      since: other.created,
      fix: `Find out what it is for, then: docker rm -f ${other.name}`,
    }),
  );
}

/** A group without a permission is nobody. */
function whoEnters({ mode, uid, gid }: PathAccess): string {
  return `${accessOf(mode, uid)}${(mode & 0o070) === 0 ? "" : ` and gid ${gid}`}`;
}

/**
 * The folder's mode, owner and group decide who reaches the Unix listener. A match on this host is enough. Else ask the engine:
 * only root can read its folders, and a rootless one has other uids there than in the container.
 */
async function socketFolderOf(context: DriftContext): Promise<Findings> {
  const { gateway, socketVolume } = context.deployed;
  const { api } = context.engine;
  const { Mountpoint } = (await api.inspectVolume(socketVolume)) ?? {};
  const container = await context.container();
  if (!Mountpoint || !container) return [];
  const { gid } = vaultUser;
  const expected = gateway
    ? whoEnters({ mode: 0o770, uid: gateway.uid, gid })
    : accessOf(0o700, vaultUser.uid);
  const entry = attempt(() => statSync(Mountpoint));
  if (entry && whoEnters({ mode: entry.mode & 0o777, uid: entry.uid, gid: entry.gid }) === expected)
    return [];
  const { Pid: pid } = container.State;
  const inside = await readAccess(api, container.Id, socketFolder);
  const actual =
    inside &&
    whoEnters({
      mode: inside.mode,
      uid: uidInContainer(pid, inside.uid),
      gid: gidInContainer(pid, inside.gid),
    });
  return (
    actual !== undefined &&
    actual !== expected &&
    drift("volume.socket-folder", "critical", `${socketFolder} in the container`, {
      summary: "Other containers that mount this volume can have access to Vault",
      compared: [expected, actual],
    })
  );
}
