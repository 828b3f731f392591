import { sharersOf } from "../../docker/container-sharers";
import { requireContainer } from "../context";
import { drift } from "../finding";
import { managedProbe } from "../probe";

/** What a container reaches in a namespace of another one. */
const reaches = {
  network: "it reaches Vault on 127.0.0.1, as Vault's own container does",
  pid: "it sees Vault's process, and can read its memory with enough rights",
  ipc: "it shares Vault's memory segments",
  user: "its root is root over Vault's processes",
} as const;

/** Inspects that no other container is in a namespace of Vault's container. Volumes and networks have probes of their own. */
export const containerSharers = managedProbe("container.shared", async (context) => {
  const { Id: id, Name: name, State } = await requireContainer(context);
  const sharers = await sharersOf(context.engine.api, { id, name, pid: State.Pid });
  return sharers.map(({ name, namespace, created }) =>
    drift(`container.shared:${namespace}`, "critical", `container ${name}`, {
      summary: `Another container is in the ${namespace} namespace of Vault's container: ${reaches[namespace]}`,
      compared: ["no other container", name, "HostConfig"],
      since: created,
      fix: `Find out what it is for, then: docker rm -f ${name}`,
    }),
  );
});
