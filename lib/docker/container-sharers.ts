import { z } from "zod";
import { type EngineApi, EngineError } from "./engine-api";

/** The namespaces of a container that another one can join. */
const namespaces = { network: "NetworkMode", pid: "PidMode", ipc: "IpcMode", user: "UsernsMode" } as const;
export type Namespace = keyof typeof namespaces;

export interface Sharer {
  readonly name: string;
  readonly namespace: Namespace;
  /** ISO 8601. */
  readonly created: string;
}

const listed = z.array(z.object({ Id: z.string() }));
const mode = z.string().default("");
const inspected = z.object({
  Name: z.string(),
  Created: z.string(),
  HostConfig: z.object({ NetworkMode: mode, PidMode: mode, IpcMode: mode, UsernsMode: mode }),
});

/** The number of containers that are inspected at a time. */
const atATime = 8;

/** The other containers, running or not, that join a namespace of a container. */
export async function sharersOf(
  engine: EngineApi,
  container: { readonly id: string; readonly name: string },
): Promise<Sharer[]> {
  const all = listed.parse(await engine.call("GET", "/containers/json?all=1"));
  const others = all.filter(({ Id }) => Id !== container.id);
  const found: Sharer[] = [];
  for (let index = 0; index < others.length; index += atATime) {
    const some = others.slice(index, index + atATime).map(({ Id }) => sharedBy(engine, Id, container));
    found.push(...(await Promise.all(some)).flat());
  }
  return found;
}

async function sharedBy(
  engine: EngineApi,
  other: string,
  { id, name }: { readonly id: string; readonly name: string },
): Promise<Sharer[]> {
  try {
    const { Name, Created, HostConfig } = inspected.parse(
      await engine.call("GET", `/containers/${encodeURIComponent(other)}/json`),
    );
    return (Object.keys(namespaces) as Namespace[]).flatMap((namespace) => {
      const [kind, of = ""] = HostConfig[namespaces[namespace]].split(":");
      const isOurs = kind === "container" && (of === name || (of !== "" && id.startsWith(of)));
      return isOurs ? [{ name: Name.replace(/^\//, ""), namespace, created: Created }] : [];
    });
  } catch (error) {
    // It was removed since it was listed.
    if (error instanceof EngineError && error.status === 404) return [];
    throw error;
  }
}
