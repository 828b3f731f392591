import { mkdirSync } from "node:fs";
import { runUp, type UpOptions } from "../../../lib/operations/deploy/up";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

let mockOutcome: "pass" | "fail" = "pass";
let mockForgotten = 0;
jest.mock("../../../lib/session/context", () => ({
  prepare: async ({ deployment }: UpOptions) => ({ deployment, host: { warnings: [] } }),
}));
jest.mock("../../../lib/session/requirements", () => ({
  requireLastSettings: () => {},
  requireVaultContainer: async () => [],
  requireStates: async () => {},
  requireData: async () => {},
}));
jest.mock("../../../lib/host/install-program", () => ({ installProgram: async () => ({ changed: false }) }));
jest.mock("../../../lib/session/schedule/schedule", () => ({ renewSchedules: () => {} }));
jest.mock("../../../lib/operations/deploy/openclaw-folder", () => ({ requireReadFolder: () => {} }));
jest.mock("../../../lib/operations/deploy/review-access", () => ({ reviewAccess: async () => {} }));
jest.mock("../../../lib/operations/deploy/deploy", () => ({
  deployAndCheck: async () => ({ changed: false, check: { outcome: mockOutcome, results: [] } }),
}));
jest.mock("../../../lib/operations/state/migrate-states", () => ({}));
jest.mock("../../../lib/operations/restore/replace-data", () => ({
  forgetData: async () => {
    mockForgotten += 1;
  },
}));

test.each([
  ["restore", "fail", 0],
  ["restore", "pass", 1],
  // It compares first.
  ["rebuild", "pass", 0],
] as const)(
  "the previous data of an unfinished %s, after an `up` whose check came to %s, are removed %d times",
  async (command, outcome, times) => {
    const root = scratchFolder();
    mkdirSync(root, { recursive: true });
    const deployment = describeInstance({}, { home: root });
    replacingRecord.write(deployment.home, {
      ...{ command, backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
      ...{ stage: "replaced", hadData: true },
    });
    mockOutcome = outcome;
    mockForgotten = 0;
    await runUp({ deployment, given: "a key", say: () => {} } as unknown as UpOptions);
    expect(mockForgotten).toBe(times);
  },
);

test("the previous image of an unfinished upgrade is not deployed on the data that the new one has used", async () => {
  const root = scratchFolder();
  mkdirSync(root, { recursive: true });
  const deployment = describeInstance({}, { home: root });
  const { image: wanted } = deployment.settings.vault;
  replacingRecord.write(deployment.home, {
    ...{ command: "upgrade", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "replaced", hadData: true, imageBefore: { wanted, reference: wanted } },
  });
  await expect(runUp({ deployment, given: "a key", say: () => {} } as unknown as UpOptions)).rejects.toThrow(
    "`vault upgrade` is not finished",
  );
});
