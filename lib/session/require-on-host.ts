import { UserError } from "../core/errors";
import { readOrEmpty } from "../core/files/files";
import { mountPointOf } from "../core/files/mount-point";
import { nearestExisting } from "../core/files/trusted-path";
import type { EngineApi } from "../docker/engine-api";
import { homesRoot } from "../store/home";

/**
 * A container with the engine's socket, as CI jobs have it, can ask the engine for a Vault which it then cannot reach; and what is
 * kept in the container itself, the shares too, goes with it.
 * @param mounts as in /proc/self/mountinfo
 * @throws UserError if this runs in a container of this engine, unless it has the host's network and the instances are on a mount
 */
export async function requireOnHost(
  engine: EngineApi,
  env: NodeJS.ProcessEnv = process.env,
  mounts = readOrEmpty("/proc/self/mountinfo"),
): Promise<void> {
  const id = /\/containers\/([0-9a-f]{64})\/hostname \/etc\/hostname /.exec(mounts)?.[1];
  const container = id && (await engine.inspectContainer(id));
  if (!container) return;
  const root = homesRoot(env);
  const network = container.HostConfig.NetworkMode;
  const isKept = mountPointOf(nearestExisting(root)) !== "/";
  if (network === "host" && isKept) return;
  throw new UserError({
    problem:
      "This runs in a container of the Docker Engine that is to run Vault. Vault's port is published on 127.0.0.1 of the host, and the key shares would go with this container.",
    got: `the container ${container.Name}, its network "${network}", ${root} ${isKept ? "on a mount" : "in the container itself"}`,
    expected: "the host itself; or the host's network, and a folder of the host for the instances",
    fix: `Run this on the host, from CI by ssh. Or start the container with --network host, and with a folder of the host mounted at ${root}.`,
  });
}
