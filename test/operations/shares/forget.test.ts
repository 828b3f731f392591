import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { keepHomeFiles } from "../../../lib/operations/restore/kept-files";
import { forgetShares } from "../../../lib/operations/shares/forget";
import type { DeployContext } from "../../../lib/session/context";
import { type ReplacingRecord, replacingRecord } from "../../../lib/store/records/replacing-record";
import { storeShares } from "../../../lib/vault/shares/shares-file";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

jest.mock("../../../lib/session/require-vault", () => ({
  requireVault: async () => ({ place: { address: "http://127.0.0.1:1" } }),
}));
jest.mock("../../../lib/vault/shares/prove-shares", () => ({ proveShares: async () => {} }));
jest.mock("../../../lib/session/schedule/schedule", () => ({
  uninstallSchedule: async () => ({ found: false }),
}));

const shares = { shares: ["a", "b", "c"], threshold: 2, created: "2026-11-25T10:00:00.000Z", generation: 1 };
const replaced: ReplacingRecord = {
  ...{ command: "restore", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
  ...{ stage: "replaced", hadData: true },
};

/** An instance with its shares, and with the copy that a restore has kept of them. */
function withCopy() {
  const root = join(scratchFolder(), "home");
  mkdirSync(root, { mode: 0o700 });
  const deployment = describeInstance({}, { home: root });
  const { home } = deployment;
  storeShares(home.shares, shares);
  keepHomeFiles(home);
  const phase = (_: string, work: () => unknown) => work();
  const remove = () =>
    forgetShares({ deployment, phase } as unknown as DeployContext, {
      ...{ askHolders: async () => shares, holders: ["Anna"] },
      ...{ backUp: async () => false, agree: async () => true },
    });
  return { home, copy: join(root, "before/shares.json"), remove };
}

test("shares are not said to be off the host while an unfinished restore keeps a copy of them", async () => {
  const { home, copy, remove } = withCopy();
  replacingRecord.write(home, replaced);
  await expect(remove()).rejects.toThrow(
    "`restore` is not finished, and keeps the previous data and their shares",
  );
  expect([existsSync(home.shares), existsSync(copy)]).toEqual([true, true]);
});

test("a copy that a killed run left goes with them", async () => {
  const { home, copy, remove } = withCopy();
  expect((await remove())?.record.movedOff).toBeDefined();
  expect([existsSync(home.shares), existsSync(copy)]).toEqual([false, false]);
});
