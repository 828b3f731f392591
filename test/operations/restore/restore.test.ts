import { mkdirSync } from "node:fs";
import type { ProvedBackup } from "../../../lib/backup/prove-backup";
import { keyFingerprint } from "../../../lib/model/openrouter-key";
import { restore } from "../../../lib/operations/restore/restore";
import type { DeployContext } from "../../../lib/session/context";
import { deployedRecord } from "../../../lib/store/records/deployed-record";
import { saveHost, writeHosts } from "../../../lib/store/records/hosts-record";
import { writeKeyRecord } from "../../../lib/store/records/key-record";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { exampleManifest } from "../../backup/example";
import { canary, describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const [mockOldKey, mockCurrentKey] = [canary, `${canary.slice(0, -4)}9999`];
const mockDeploy = jest.fn();
let mockOpened: string[] = [];
jest.mock("../../../lib/backup/declaration", () => ({ declarationDigest: async () => "0" }));
jest.mock("../../../lib/backup/open-backup", () => ({
  withBackup: (file: string, work: (backup: object) => unknown) => work({ file }),
}));
jest.mock("../../../lib/backup/prove-backup", () => ({
  proveBackup: async (
    { file }: { file: string },
    _: object,
    work: (proved: object, root: object) => unknown,
  ) => {
    mockOpened.push(file);
    return work({}, {});
  },
}));
jest.mock("../../../lib/session/read-stored-key", () => ({ readKey: async () => ({ key: mockCurrentKey }) }));
jest.mock("../../../lib/operations/deploy/deploy", () => ({
  deployAgain: async (_context: object, key: string | undefined) => {
    mockDeploy(key);
    return { check: { outcome: "pass" } };
  },
}));
jest.mock("../../../lib/operations/restore/replace-data", () => ({ forgetData: async () => {} }));

/** A restore that was interrupted after it had replaced the data; the key in them was rotated away since the backup. */
function interrupted(before: string | undefined) {
  const root = scratchFolder();
  mkdirSync(root, { recursive: true });
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  const fingerprint = keyFingerprint(mockOldKey);
  writeKeyRecord(home, { generation: 0, version: 1, fingerprint, retired: [fingerprint] });
  replacingRecord.write(home, {
    ...{ command: "restore", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "replaced", hadData: true, ...(before ? { before } : {}) },
  });
  const said: string[] = [];
  const context = {
    say: (line: string) => said.push(line),
    ...{ deployment, instanceId: "id", signal: new AbortController().signal },
    host: { engine: { api: {} }, image: {} },
    phase: (_: string, work: (progress: () => void) => unknown) => Promise.resolve(work(() => {})),
  } as unknown as DeployContext;
  const hosts = [{ name: "web1", role: "openclaw-host-web1", roleId: "id-web1" }];
  const backup = {
    ...{ file: "/backups/old.tar", hosts, shares: { shares: ["a"], threshold: 1 }, areItsOwn: false },
    ...{ contents: { manifest: exampleManifest, files: new Map() }, clusterId: "c" },
  } as unknown as ProvedBackup;
  const options = { backup, force: false };
  return { home, deployment, said, run: (...evict: string[]) => restore(context, { ...options, evict }) };
}

beforeEach(() => {
  mockOpened = [];
  mockDeploy.mockReset();
});

test("a restore that resumes stores the current key again, from the backup that it had made", async () => {
  const { run, said } = interrupted("/backups/before.tar");
  expect(await run()).toMatchObject({ before: "/backups/before.tar" });
  expect(mockOpened).toEqual(["/backups/before.tar"]);
  expect(mockDeploy).toHaveBeenCalledWith(mockCurrentKey);
  expect(said.join()).toContain("the current key is stored again");
});

test("without such a backup it says that a new key is needed", async () => {
  const { run, said } = interrupted(undefined);
  expect(await run()).toMatchObject({ before: null });
  expect(mockDeploy).toHaveBeenCalledWith(undefined);
  expect(said.join()).toContain("Store a new one");
});

test("an eviction that comes too late for the data in place is refused, and never said to be done", async () => {
  const { home, run, said } = interrupted(undefined);
  await expect(run("web1")).rejects.toThrow("host evict web1");
  expect([mockDeploy.mock.calls, said]).toEqual([[], []]);
  const [role, roleId, at] = ["openclaw-host-web1", "id-web1", "2026-11-25T11:00:00.000Z"];
  writeHosts(home, { hosts: [], evicted: [{ role, roleId, at }] });
  await run("web1");
  expect(mockDeploy).toHaveBeenCalled();
});

test("hosts that joined by the address of the previous machine are named, with the present one", async () => {
  const { home, deployment, run, said } = interrupted(undefined);
  const vault = { ...deployment.settings.vault, listen: "10.0.0.5" };
  deployedRecord.write(home, { at: "2026-11-25T12:00:00Z", settings: { ...deployment.settings, vault } });
  saveHost(home, {
    ...{ name: "web1", role: "r", keyPath: "k", addresses: [] },
    invited: "2026-11-01T00:00:00Z",
  });
  await run();
  expect(said.join()).toContain("web1 joined by 10.0.0.5: they reach Vault there no more.");
});
