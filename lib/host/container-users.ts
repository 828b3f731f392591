import { readOrEmpty } from "../core/files/files";

/**
 * Who a user is within a container whose users are others on this host, by the kernel's map of its process: an engine with
 * `userns-remap` tells and shows the host's uids of files on volumes.
 * @param pid the container's first process; 0 if it does not run
 * @returns the same uid if the container has no such user, or its process cannot be seen
 */
export function uidInContainer(
  pid: number,
  uid: number,
  map: string = readOrEmpty(`/proc/${pid}/uid_map`),
): number {
  for (const line of map.trim().split("\n")) {
    const [inside = 0, outside = 0, count = 0] = line.trim().split(/\s+/).map(Number);
    if (uid >= outside && uid < outside + count) return inside + uid - outside;
  }
  return uid;
}

/** The same of a group. */
export function gidInContainer(pid: number, gid: number): number {
  return uidInContainer(pid, gid, readOrEmpty(`/proc/${pid}/gid_map`));
}
