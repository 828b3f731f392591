import { sha256 } from "../../../lib/core/fingerprint";
import type { Deployment } from "../../../lib/model/deployment";
import { keyFingerprint, keyVersion } from "../../../lib/model/openrouter-key";
import { resumeRotation } from "../../../lib/operations/key/resume-rotation";
import type { DeployContext, RunPhase } from "../../../lib/session/context";
import { writeCredential } from "../../../lib/store/credentials";
import {
  declaredKey,
  type KeyRecord,
  keySince,
  readKeyRecord,
  recordStoredKey,
  writeKeyRecord,
} from "../../../lib/store/records/key-record";
import { readPendingCleanups } from "../../../lib/store/records/pending-cleanups";
import { type Rotation, rotationRecord } from "../../../lib/store/records/rotation-record";
import { canary, homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";
import { DeployedVault } from "../../support/vault/deployed-vault";
import { type Stub, serveStub } from "../../support/vault/server";

const [mockApply, mockRecord, mockVerify] = [jest.fn(), jest.fn(), jest.fn()];
jest.mock("../../../lib/session/apply-stacks", () => ({
  applyStack: async (_context: unknown, _stack: string, key: string) => mockApply(key),
}));
jest.mock("../../../lib/session/declare", () => ({ declare: async () => {} }));
jest.mock("../../../lib/session/record-deployment", () => ({ recordDeployment: async () => mockRecord() }));
jest.mock("../../../lib/operations/key/verify-stored", () => ({ verifyStored: async () => mockVerify() }));

const [oldKey, newKey] = [canary, `${canary.slice(0, -4)}9999`];
const since = "2026-08-01T00:00:00.000Z";
const before = { generation: 0, version: keyVersion(oldKey, 0), since };
const undoing: Rotation = {
  phase: "undoing",
  started: "2026-11-01T00:00:00.000Z",
  old: { sha256: sha256(oldKey) },
  before,
  graceSeconds: 0,
  sha256: sha256(newKey),
  why: "of a test",
};
const home = homeOf(scratchFolder());
const vault = new DeployedVault();
let stub: Stub;

beforeAll(async () => {
  stub = await serveStub((call) => vault.answer(call));
});
afterAll(() => stub.close());

beforeEach(() => {
  writeCredential(home, "reader", { roleId: "role-reader", secretId: "secret" });
  const first: KeyRecord = { generation: 0, version: before.version, retired: [] };
  writeKeyRecord(home, { ...first, fingerprint: keyFingerprint(oldKey), since });
  mockApply.mockReset().mockImplementation(write);
  mockRecord.mockReset();
  mockVerify.mockReset();
});

/** A new version of the secret, of now. */
function write(key: string): void {
  vault.secret = {
    data: { api_key: key },
    version: (vault.secret?.version ?? 0) + 1,
    created: new Date(),
  };
}

/** The new key is stored and recorded. */
function storeNew(): void {
  write(newKey);
  recordStoredKey(home, { key: newKey, version: keyVersion(newKey, 0), generation: 0 });
}

function resume(rotation: Rotation, reload?: () => Promise<void>) {
  rotationRecord.write(home, rotation);
  const phase: RunPhase = (_title, work) => work(() => {});
  const deployment = { instance: "default", home } as Deployment;
  const context = { deployment, phase, signal: new AbortController().signal } as DeployContext;
  return resumeRotation(context, { address: stub.address }, { oldKey, ...(reload ? { reload } : {}) });
}

test("a rotation that fails leaves the key that a run on another host stored meanwhile", async () => {
  write(oldKey);
  const other = `${canary.slice(0, -4)}7777`;
  const { why: _, ...begun } = undoing;
  mockVerify.mockImplementationOnce(() => {
    write(other);
    throw new Error("the reader reads another key");
  });
  const stored: Rotation = { ...begun, phase: "stored", sha256: sha256(newKey) };
  expect(await resume(stored)).toMatchObject({ rotated: false, why: expect.stringContaining("another run") });
  expect(mockApply).not.toHaveBeenCalled();
  expect(vault.secret?.data?.api_key).toBe(other);
  expect(rotationRecord.read(home)).toBeUndefined();
});

test("a key that is put back is as old as before", async () => {
  storeNew();
  expect(await resume(undoing)).toMatchObject({ rotated: false });
  expect(mockApply).toHaveBeenCalledWith(oldKey);
  const stored = { key: oldKey, created: vault.secret!.created };
  expect(keySince(home, stored).toISOString()).toBe(since);
  expect(readKeyRecord(home)).toMatchObject({ version: before.version });
});

test("a key that was retired by a run that failed is accepted again once it is put back", async () => {
  storeNew();
  const { why: _, ...begun } = undoing;
  mockRecord.mockRejectedValueOnce(new Error("the backend does not answer"));
  await expect(resume({ ...begun, phase: "stored", sha256: sha256(newKey) })).rejects.toThrow("the backend");
  expect(readKeyRecord(home).retired).toEqual([keyFingerprint(oldKey)]);

  mockVerify.mockRejectedValueOnce(new Error("refused"));
  expect(await resume(rotationRecord.read(home)!)).toMatchObject({ rotated: false });
  expect(() => declaredKey(home.root, oldKey)).not.toThrow();
  expect(readPendingCleanups(home)).toEqual([]);
});

describe("a reload that fails", () => {
  const { why: _, ...begun } = undoing;
  const stored: Rotation = { ...begun, phase: "stored", sha256: sha256(newKey) };
  const failing = (times: number, reloaded: unknown[]) => async () => {
    reloaded.push(vault.secret?.data?.api_key);
    if (reloaded.length <= times) throw new Error("no answer in time");
  };

  test("is repeated with the previous key: the gateway can have taken the new one", async () => {
    storeNew();
    const reloaded: unknown[] = [];
    const why = "the new key was stored, but then: no answer in time";
    expect(await resume(stored, failing(1, reloaded))).toEqual({ rotated: false, why });
    expect(reloaded).toEqual([newKey, oldKey]);
  });

  test("and fails again is reported", async () => {
    storeNew();
    const result = await resume(stored, failing(2, []));
    expect(result).toMatchObject({ rotated: false, why: expect.stringContaining("restart it") });
  });
});

test("a key that an interrupted run put back is recorded", async () => {
  storeNew();
  write(oldKey);
  writeKeyRecord(home, { ...readKeyRecord(home), version: before.version });
  expect(await resume(undoing)).toMatchObject({ rotated: false });
  expect(readKeyRecord(home)).toMatchObject({ ...before, fingerprint: keyFingerprint(oldKey) });
});
