import { chmodSync, chownSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { vaultUser } from "../../lib/docker/home-files";
import type { DriftContext } from "../../lib/drift/context";
import { volumes } from "../../lib/drift/probes/volumes";
import { instanceLabel } from "../../lib/model/instance-label";
import { scratchFolder } from "../support/folder";
import { testUnless } from "../support/skip";

let mockInside: object;
jest.mock("../../lib/docker/home-files", () => ({
  ...jest.requireActual("../../lib/docker/home-files"),
  readAccess: async () => mockInside,
}));

/** What drift tells of the folder of the Unix listener, whose access on this host and in the container is the given one. */
async function inspect(access: { mode: number; uid: number; gid: number }, gateway?: object) {
  const folder = join(scratchFolder(), "socket");
  mkdirSync(folder);
  chmodSync(folder, access.mode);
  chownSync(folder, access.uid, access.gid);
  mockInside = access;
  const volume = { Mountpoint: folder, Labels: { [instanceLabel]: "id" } };
  const api = { inspectVolume: async () => volume, containers: async () => [] };
  const context = {
    deployed: { dataVolume: "a", homeVolume: "b", socketVolume: "c", container: "vault", gateway },
    ...{ instanceId: "id", engine: { api } },
    container: async () => ({ Id: "x", State: { Pid: 0 } }),
    appliedContainer: async () => undefined,
  };
  const found = await volumes.inspect(context as unknown as DriftContext);
  return found.map(({ id, expected, actual }) => `${id}: ${expected} -> ${actual}`);
}

const asRoot = testUnless(process.getuid?.() === 0 ? undefined : "needs root");

asRoot(
  "only Vault's own group may enter the folder of its Unix listener beside the gateway's user",
  async () => {
    const { uid, gid } = vaultUser;
    expect(await inspect({ mode: 0o700, uid, gid })).toEqual([]);
    // The mode lets no group in.
    expect(await inspect({ mode: 0o700, uid, gid: 4 })).toEqual([]);
    const gateway = { uid: 1001, container: "gateway" };
    expect(await inspect({ mode: 0o770, uid: 1001, gid }, gateway)).toEqual([]);
    expect(await inspect({ mode: 0o770, uid: 1001, gid: 4 }, gateway)).toEqual([
      "volume.socket-folder: mode 770, of uid 1001 and gid 1000 -> mode 770, of uid 1001 and gid 4",
    ]);
  },
);
