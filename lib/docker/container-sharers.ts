import { readlinkSync } from "node:fs";
import { z } from "zod";
import { attempt } from "../core/attempt";
import { inParallel } from "../core/in-parallel";
import { containerPath, type EngineApi, orUndefined } from "./engine-api";
import { container, created } from "./schemas";

/** The namespaces of a container that another one can join. */
const namespaces = { network: "NetworkMode", pid: "PidMode", ipc: "IpcMode", user: "UsernsMode" } as const;
type Namespace = keyof typeof namespaces;

const listed = z.array(created);
const mode = z.string().default("");
const inspected = container.pick({ Id: true, Name: true, Created: true }).extend({
  State: z.object({ Pid: z.number().default(0) }),
  HostConfig: z.object({ NetworkMode: mode, PidMode: mode, IpcMode: mode, UsernsMode: mode }),
});
type Other = z.output<typeof inspected>;

/** The number of containers that are inspected at a time. */
const atATime = 8;

/** The other containers, running or not, that join a namespace of a container, by themselves or by way of another one. */
export async function sharersOf(
  engine: EngineApi,
  container: { readonly id: string; readonly name: string; readonly pid: number },
) {
  const all = listed.parse(await engine.call("GET", "/containers/json?all=1"));
  const ids = all.map(({ Id }) => Id).filter((id) => id !== container.id);
  const others = (await inParallel(ids, atATime, (id) => inspect(engine, id))).flat();
  return others.flatMap((other) =>
    (Object.keys(namespaces) as Namespace[])
      .filter((namespace) => isIn(namespace, other, container, others))
      .map((namespace) => ({ name: other.Name, namespace, created: other.Created })),
  );
}

/** Whether a container is in a namespace of ours. */
function isIn(
  namespace: Namespace,
  other: Other,
  ours: { readonly id: string; readonly name: string; readonly pid: number },
  others: readonly Other[],
  passed: readonly Other[] = [],
): boolean {
  const [kind, of = ""] = other.HostConfig[namespaces[namespace]].split(":");
  if (kind !== "container" || of === "" || passed.includes(other)) return false;
  if (of === ours.name || ours.id.startsWith(of)) return true;
  const next = others.find((each) => each.Id.startsWith(of) || each.Name === of);
  if (next) return isIn(namespace, next, ours, others, [...passed, other]);
  // The one that it joined was removed since, and the namespace lives on. Only root can read whose it is.
  const [place, own] = [other.State.Pid, ours.pid].map((pid) => pid > 0 && namespaceOf(pid, namespace));
  return Boolean(place) && place === own;
}

function namespaceOf(pid: number, namespace: Namespace): string | undefined {
  const links = { network: "net", pid: "pid", ipc: "ipc", user: "user" } as const;
  return attempt(() => readlinkSync(`/proc/${pid}/ns/${links[namespace]}`));
}

/** @returns the container; none if it was removed since it was listed */
async function inspect(engine: EngineApi, id: string): Promise<Other[]> {
  const found = await orUndefined(engine.call("GET", `${containerPath(id)}/json`));
  return found === undefined ? [] : [inspected.parse(found)];
}
