import { mkdirSync } from "node:fs";
import { keyFingerprint } from "../../../lib/model/openrouter-key";
import { keepHomeFiles, restoreHomeFiles } from "../../../lib/operations/restore/kept-files";
import { undoRestore } from "../../../lib/operations/restore/undo";
import type { DeployContext } from "../../../lib/session/context";
import { writeKeyRecord } from "../../../lib/store/records/key-record";
import { type ReplacingRecord, replacingRecord } from "../../../lib/store/records/replacing-record";
import { canary, describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const [previousKey, mockCurrentKey] = [canary, `${canary.slice(0, -4)}9999`];
let mockDone: string[] = [];
let mockUndo: () => ReplacingRecord;
jest.mock("../../../lib/session/open-vault", () => ({
  openVault: async () => ({ place: { address: "https://127.0.0.1:8200" } }),
}));
jest.mock("../../../lib/session/read-stored-key", () => ({
  readStoredKey: async () => ({ key: mockCurrentKey }),
}));
jest.mock("../../../lib/backup/make-backup", () => ({
  makeBackup: async () => {
    mockDone.push("backup");
    return { record: { file: "/backups/now.tar" } };
  },
}));
jest.mock("../../../lib/operations/restore/replace-data", () => ({
  undoReplacing: async () => {
    mockDone.push("undo");
    return mockUndo();
  },
}));
jest.mock("../../../lib/operations/deploy/deploy", () => ({
  deployAgain: async (_: object, key: string) => {
    mockDone.push(`deploy ${key === mockCurrentKey ? "the current key" : key}`);
    return { check: { outcome: "pass" } };
  },
}));

/** A restore whose check failed is undone. @param retired the keys that were rotated away since */
async function undo(retired: readonly string[], more: Partial<ReplacingRecord> = {}) {
  mockDone = [];
  const root = scratchFolder();
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  mkdirSync(home.terraform, { recursive: true });
  const record = { generation: 0, version: 1, fingerprint: keyFingerprint(previousKey), retired: [] };
  writeKeyRecord(home, record);
  keepHomeFiles(home);
  writeKeyRecord(home, { ...record, fingerprint: keyFingerprint(mockCurrentKey), retired: [...retired] });
  const since = "2026-11-25T12:00:00.000Z";
  const replacing: ReplacingRecord = {
    ...{ command: "restore", backup: "/backups/old.tar", since, stage: "replaced", hadData: true },
    ...more,
  };
  replacingRecord.write(home, replacing);
  mockUndo = () => {
    restoreHomeFiles(home, since);
    return replacing;
  };
  const said: string[] = [];
  const phase = (_: string, work: (progress: () => void) => unknown) => Promise.resolve(work(() => {}));
  const context = { deployment, phase, say: (line: string) => said.push(line) };
  await undoRestore(context as unknown as DeployContext);
  return said.join();
}

const isRetired = [keyFingerprint(previousKey)];

test("a key that was rotated since is stored again: OpenRouter may refuse the previous one", async () => {
  expect(await undo(isRetired)).toContain("the current key is stored again");
  expect(mockDone).toEqual(["backup", "undo", "deploy the current key"]);
});

test.each<[string, readonly string[], Partial<ReplacingRecord>, string]>([
  ["whose key is still the current one", [], {}, ""],
  ["that are incomplete, so that no key can be read", isRetired, { stage: "copied" }, "Store a new one"],
  [
    "of another image, which `up` is to be told first",
    isRetired,
    { imageBefore: { wanted: "a", reference: "a" } },
    "Store a new one",
  ],
])("nothing is deployed on data %s", async (_, retired, more, said) => {
  expect(await undo(retired, more)).toContain(said);
  expect(mockDone).toEqual(["undo"]);
});
