import { mkdirSync, rmSync } from "node:fs";
import { writeJson } from "../../../lib/core/files/files";
import { instanceLabel } from "../../../lib/model/instance-label";
import { undoReplacing } from "../../../lib/operations/restore/replace-data";
import type { DeployContext } from "../../../lib/session/context";
import { writeHosts } from "../../../lib/store/records/hosts-record";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { storeShares } from "../../../lib/vault/shares/shares-file";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockDone: string[] = [];
jest.mock("../../../lib/docker/ephemeral", () => ({ endEphemerals: async () => {} }));
jest.mock("../../../lib/docker/volumes", () => ({
  keptVolume: (volume: string) => `${volume}-before`,
  copyVolume: async (_: object, from: string) => mockDone.push(`copy ${from}`),
  removeVolume: async (_: object, volume: string) => mockDone.push(`remove ${volume}`),
}));
jest.mock("../../../lib/backup/ephemeral-vault", () => ({
  withEphemeralVault: async (_: object, props: { image: string }, work: (vault: object) => unknown) => {
    mockDone.push(`start ${props.image}`);
    return work({ client: {} });
  },
}));
jest.mock("../../../lib/vault/wait", () => ({ readSealStatus: async () => ({ t: 3 }) }));
jest.mock("../../../lib/vault/unseal", () => ({ unseal: async () => mockDone.push("unseal") }));
jest.mock("../../../lib/operations/hosts/evict-again", () => ({
  evictAgain: async () => mockDone.push("evict again"),
}));

const since = "2026-11-25T12:00:00.000Z";
const shares = { shares: ["a"], threshold: 1, generation: 1 };

/** A restore whose check failed, and a host that was evicted at a time. */
function replaced({ evicted, imageBefore }: { evicted: string; imageBefore?: string }) {
  const root = scratchFolder();
  mkdirSync(root, { recursive: true });
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  mkdirSync(`${root}/before`);
  storeShares(`${root}/before/shares.json`, { ...shares, created: since });
  writeHosts(home, { hosts: [], evicted: [{ role: "openclaw-host-lost", roleId: "r", at: evicted }] });
  replacingRecord.write(home, {
    ...{ command: imageBefore ? "upgrade" : "restore", backup: "/backups/old.tar", since },
    ...{ stage: "replaced", hadData: true },
    ...(imageBefore ? { imageBefore: { wanted: imageBefore, reference: imageBefore } } : {}),
  });
  let isThere = true;
  const api = {
    inspectVolume: async () => ({}),
    inspectContainer: async () =>
      isThere
        ? { Id: "vault", State: { Status: "running" }, Config: { Labels: { [instanceLabel]: "id" } } }
        : undefined,
    stopContainer: async () => {},
    call: async (method: string, path: string) => {
      mockDone.push(`${method} ${path.split("?")[0]}`);
      isThere = false;
    },
  };
  const context = {
    ...{ deployment, instanceId: "id" },
    host: { engine: { api }, image: { reference: "vault:new" } },
  } as unknown as DeployContext;
  return { home, undo: () => undoReplacing(context, () => {}) };
}

const copied = ["copy vault-data-before", "copy vault-home-before"];
const removed = copied.map((line) => line.replace("copy", "remove"));

beforeEach(() => {
  mockDone = [];
});

test("a host that was evicted since a restore is evicted from the previous data too, before anybody is served", async () => {
  const { home, undo } = replaced({ evicted: "2026-11-25T12:30:00.000Z" });
  await undo();
  expect(mockDone).toEqual([...copied, "start vault:new", "unseal", "evict again", ...removed]);
  expect(replacingRecord.read(home)).toBeUndefined();
});

test("the data from before an upgrade are opened by their own Vault alone", async () => {
  await replaced({ evicted: "2026-11-25T12:30:00.000Z", imageBefore: "vault:old" }).undo();
  const [first, ...rest] = mockDone;
  expect(first).toMatch(/^DELETE .*vault/);
  expect(rest).toEqual([...copied, "start vault:old", "unseal", "evict again", ...removed]);
});

test("an eviction from before the copy is in the previous data", async () => {
  await replaced({ evicted: "2026-11-25T11:30:00.000Z" }).undo();
  expect(mockDone).toEqual([...copied, ...removed]);
});

test("an eviction that the copy does not know is newer, though the clock was set back since", async () => {
  const { home, undo } = replaced({ evicted: "2026-11-25T11:30:00.000Z" });
  writeJson(`${home.root}/before/hosts.json`, { hosts: [], evicted: [] });
  await undo();
  expect(mockDone).toContain("evict again");
});

test("without the shares nothing is served: the data stay incomplete until somebody gives them", async () => {
  const { home, undo } = replaced({ evicted: "2026-11-25T12:30:00.000Z" });
  rmSync(`${home.root}/before/shares.json`);
  await expect(undo()).rejects.toThrow("The shares are not on this host");
  expect(replacingRecord.read(home)?.stage).toBe("copied");
});
