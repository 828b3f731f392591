import { mkdirSync, renameSync } from "node:fs";
import { cancelWaitingRekey, type RekeyOptions, rekey } from "../../../lib/operations/shares/rekey";
import type { DeployContext } from "../../../lib/session/context";
import { keepOlder } from "../../../lib/store/older-shares";
import { writeBackups } from "../../../lib/store/records/backup-record";
import { type RekeyRecord, rekeyRecord } from "../../../lib/store/records/rekey-record";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { finishRekey, undoRekey } from "../../../lib/vault/shares/resume-rekey";
import { readShares, storeShares } from "../../../lib/vault/shares/shares-file";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockOpening: () => void = () => {};
jest.mock("../../../lib/session/require-vault", () => ({
  requireVault: async () => {
    mockOpening();
    return { place: { address: "http://127.0.0.1:1" } };
  },
}));
jest.mock("../../../lib/vault/wait", () => ({
  readSealStatus: async () => ({ type: "shamir", t: 1, n: 1 }),
}));
jest.mock("../../../lib/vault/shares/rekey", () => ({
  ...jest.requireActual("../../../lib/vault/shares/rekey"),
  cancelRekey: async () => {},
  makeNewShares: () => mockMaking(),
}));
let mockMaking: () => Promise<never>;

const mockUninstall = jest.fn(async (_: object) => ({ found: true, cronLine: "@reboot unseal" }));
jest.mock("../../../lib/session/schedule/schedule", () => ({
  uninstallSchedule: (options: object) => mockUninstall(options),
}));

/** A rekey that was killed in its last step. @param accepted the generation whose shares Vault accepts when it is opened */
function interrupted(accepted: "before" | "after", way: "kept" | "distributed" = "kept") {
  const root = scratchFolder();
  mkdirSync(root, { recursive: true });
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  const created = "2026-11-25T12:00:00.000Z";
  storeShares(home.shares, { shares: ["a"], threshold: 1, generation: 1, created });
  storeShares(home.nextShares, { shares: ["b"], threshold: 1, generation: 2, created });
  rekeyRecord.write(home, {
    ...{ generation: 2, replaces: 1, shares: 1, threshold: 1, since: created, nonce: "n", way, holders: [] },
    ...{ seen: { before: [], after: [] }, verifying: true },
  });
  mockOpening = () => (accepted === "after" ? finishRekey(home, rekeyRecord.read(home)!) : undoRekey(home));
  return { deployment } as unknown as DeployContext;
}

test("a rekey whose new shares are active already is done, not cancelled", async () => {
  expect(await cancelWaitingRekey(interrupted("after"))).toMatchObject({ result: "done", generation: 2 });
});

test("one whose new shares people have leaves no schedule to unseal with those that are gone", async () => {
  const waited = interrupted("after", "distributed");
  expect(await cancelWaitingRekey(waited)).toMatchObject({ result: "done", cronLine: "@reboot unseal" });
  expect(mockUninstall).toHaveBeenCalledWith(expect.objectContaining({ command: "unseal" }));
  mockUninstall.mockClear();
  await cancelWaitingRekey(interrupted("after"));
  await cancelWaitingRekey(interrupted("before", "distributed"));
  expect(mockUninstall).not.toHaveBeenCalled();
});

test("one whose previous shares are active is cancelled", async () => {
  expect(await cancelWaitingRekey(interrupted("before"))).toMatchObject({
    result: "cancelled",
    generation: 1,
  });
});

test("new shares that are given back when they are active already do not lead to the words that the previous are", async () => {
  const options = { onlyGoOn: true } as RekeyOptions;
  expect(await rekey(interrupted("after"), options)).toMatchObject({ result: "done", generation: 2 });
  await expect(rekey(interrupted("before"), options)).rejects.toThrow("no rekey under way");
});

test("none begins while the previous data can be brought back: that would remove the new shares", async () => {
  const context = interrupted("before");
  replacingRecord.write(context.deployment.home, {
    ...{ command: "restore", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "replaced", hadData: true },
  });
  await expect(rekey(context, {} as RekeyOptions)).rejects.toThrow("`restore` is not finished");
});

test("the number of a generation is not given again after the restore of an older backup", async () => {
  const context = { ...interrupted("before"), phase: (_: string, work: () => unknown) => work() };
  const { home } = context.deployment;
  undoRekey(home);
  keepOlder(home, { generation: 3, shares: ["of a newer backup"] });
  let begun: RekeyRecord | undefined;
  mockMaking = async () => {
    begun = rekeyRecord.read(home);
    throw new Error("enough");
  };
  const options = { backUp: async () => false, agree: async () => true, holders: [] };
  await expect(rekey(context as DeployContext, options as unknown as RekeyOptions)).rejects.toThrow("enough");
  expect(begun).toMatchObject({ generation: 4, replaces: 1 });
});

test("the backups that need the replaced shares are those of their generation", async () => {
  const context = interrupted("after");
  const { home } = context.deployment;
  rekeyRecord.write(home, { ...rekeyRecord.read(home)!, generation: 4 });
  const backup = (generation: number) => ({
    ...{ file: `/backups/${generation}.tar`, created: "2026-11-25T12:00:00.000Z", sha256: "" },
    ...{ clusterId: "c", seal: "shamir", generation },
  });
  writeBackups(home, [backup(1), backup(3)]);
  storeShares(`${home.nextShares}.4`, { ...readShares(home.nextShares)!, generation: 4 });
  renameSync(`${home.nextShares}.4`, home.nextShares);
  const { needOlder } = await cancelWaitingRekey(context);
  expect(needOlder.map(({ file }) => file)).toEqual(["/backups/1.tar"]);
});
