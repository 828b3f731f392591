import { z } from "zod";
import type { EngineApi } from "./engine-api";

export interface ThrowAwayProps {
  readonly image: string;
  /** What it runs where it is started. */
  readonly command?: readonly string[];
  /** Volume and where it is mounted. An empty one takes over the image's own folder, with its owner. */
  readonly volume: string;
  readonly target: string;
  /** `uid:gid` */
  readonly user: string;
}

/** Makes a container with one volume and nothing else, not started, and removes it at the end. */
export async function withThrowAway<T>(
  engine: EngineApi,
  props: ThrowAwayProps,
  work: (id: string) => Promise<T>,
): Promise<T> {
  const { Id } = z.object({ Id: z.string() }).parse(
    await engine.call("POST", "/containers/create", {
      body: {
        Image: props.image,
        Entrypoint: props.command ?? ["/bin/true"],
        User: props.user,
        NetworkDisabled: true,
        HostConfig: {
          Mounts: [{ Type: "volume", Source: props.volume, Target: props.target }],
          CapDrop: ["ALL"],
          NetworkMode: "none",
        },
      },
    }),
  );
  try {
    return await work(Id);
  } finally {
    await engine.call("DELETE", `/containers/${Id}?force=true`);
  }
}
