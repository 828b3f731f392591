import { mkdirSync } from "node:fs";
import { upgrade } from "../../../lib/operations/restore/upgrade";
import type { DeployContext } from "../../../lib/session/context";
import { replacingRecord } from "../../../lib/store/records/replacing-record";
import { describeInstance } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

const mockDone: string[] = [];
let mockContainer: object | undefined;
jest.mock("../../../lib/backup/ephemeral-vault", () => ({ withEphemeralVault: async () => "1.21.2" }));
jest.mock("../../../lib/backup/make-backup", () => ({
  makeBackup: async () => ({ record: { file: "/backups/new.tar" } }),
}));
jest.mock("../../../lib/session/requirements", () => ({
  requireStates: async () => {},
  requireData: async () => {},
}));
jest.mock("../../../lib/vault/wait", () => ({ readSealStatus: async () => ({ version: "1.21.2" }) }));
jest.mock("../../../lib/session/require-vault", () => ({
  requireVault: async () => {
    if (!mockContainer) throw new Error("not deployed");
    mockDone.push("open Vault");
  },
}));
jest.mock("../../../lib/operations/deploy/deploy", () => ({
  deployAgain: async ({ deployment }: DeployContext) => {
    mockDone.push(`deploy ${deployment.settings.vault.image}`);
    mockContainer = {};
    return { check: { outcome: "pass", results: [] } };
  },
}));
jest.mock("../../../lib/operations/restore/replace-data", () => ({
  forgetData: async () => mockDone.push("forget the copies"),
  keepData: async () => mockDone.push("copy the data"),
  removeContainer: async () => {},
  undoReplacing: async () => mockDone.push("restore the data"),
}));

/** An instance whose settings name a newer image than the one that was deployed. */
function upgradable() {
  const root = scratchFolder();
  mkdirSync(root, { recursive: true });
  const deployment = describeInstance({ vault: { image: "vault:new" } }, { home: root });
  const imageBefore = { wanted: "vault:old", reference: "vault:old" };
  const api = {
    inspectContainer: async () => mockContainer,
    inspectImage: async () => ({ Id: "the image of vault:new" }),
  };
  const host = { engine: { api }, image: { reference: "vault:new" }, record: {} };
  const context = {
    ...{ deployment, host, instanceId: "id", signal: new AbortController().signal },
    phase: (_: string, work: (progress: () => void) => unknown) => work(() => {}),
    say: () => {},
  } as unknown as DeployContext;
  return { home: deployment.home, run: () => upgrade(context, imageBefore) };
}

beforeEach(() => {
  mockDone.length = 0;
  mockContainer = {};
});

test("a way back that was interrupted is gone to its end, and nothing opens the incomplete data", async () => {
  const { home, run } = upgradable();
  replacingRecord.write(home, {
    ...{ command: "upgrade", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "copied", hadData: true, imageBefore: { wanted: "vault:older", reference: "vault:older" } },
  });
  expect(await run()).toMatchObject({ outcome: "back", backup: "/backups/old.tar" });
  expect(mockDone).toEqual(["restore the data", "deploy vault:older"]);
});

test("an instance without a container, which `up` does not deploy, is deployed with its last image first", async () => {
  mockContainer = undefined;
  const { run } = upgradable();
  expect(await run()).toMatchObject({ outcome: "upgraded" });
  expect(mockDone).toEqual([
    ...["deploy vault:old", "open Vault"],
    ...["copy the data", "deploy vault:new", "forget the copies"],
  ]);
});

test("an interrupted upgrade is undone if the settings name the old image again: it may be unable to read the data", async () => {
  const { home, run } = upgradable();
  replacingRecord.write(home, {
    ...{ command: "upgrade", backup: "/backups/old.tar", since: "2026-11-25T12:00:00.000Z" },
    ...{ stage: "replaced", hadData: true, imageBefore: { wanted: "vault:new", reference: "vault:new" } },
  });
  expect(await run()).toMatchObject({ outcome: "back", why: "The settings name the old image again." });
  expect(mockDone).toEqual(["restore the data", "deploy vault:new"]);
});
