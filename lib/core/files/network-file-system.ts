import { statfsSync } from "node:fs";

/** The types of file systems that other hosts can mount at the same time, as statfs(2) numbers them. */
const shared: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB 1
  0xfe534d42, // SMB 2 and 3
  0xff534d42, // CIFS
  0x01021997, // 9P
  0x65735546, // FUSE, which can be anything: sshfs, GlusterFS
  0x00c36400, // Ceph
  0x47504653, // GPFS
  0x0bd00bd0, // Lustre
  0x5346414f, // AFS
  0x7461636f, // OCFS2
  0x01161970, // GFS2
]);

/** Whether a path is on a file system that other hosts can mount at the same time. */
export function isOnSharedFileSystem(path: string): boolean {
  // Node reads the type as a signed number.
  return shared.has(statfsSync(path).type >>> 0);
}
