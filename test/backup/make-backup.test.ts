import { mkdirSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { readArchive } from "../../lib/backup/archive";
import { makeBackup } from "../../lib/backup/make-backup";
import type { DeployContext } from "../../lib/session/context";
import { writeCredential } from "../../lib/store/credentials";
import { describeInstance } from "../support/deployment";
import { contentOf, scratchFolder } from "../support/folder";
import { type Answer, type Call, openVault, type Stub, serveStub } from "../support/vault/server";
import { writeSnapshot } from "./example";

// Synthesizing takes longer than all the rest.
jest.mock("../../lib/backup/declaration", () => ({ declarationDigest: async () => "0".repeat(64) }));

const folder = scratchFolder();
const { out, root, secret, taken } = {
  ...{ out: join(folder, "backups"), root: join(folder, "home") },
  ...{ secret: join(folder, "secret"), taken: join(folder, "taken.snap") },
};
let stub: Stub;

/** A Vault that takes what a backup writes, and gives a snapshot. */
function answer({ name }: Call): Answer {
  if (name === "GET sys/seal-status") return [200, { ...openVault, cluster_id: "c" }];
  if (name === "POST auth/approle/login") return [200, { auth: { client_token: "hvb.deployer" } }];
  if (name === "GET sys/storage/raft/snapshot") return [200, readFileSync(taken)];
  return name.startsWith("POST openclaw/backup/") ? [204] : [404, { errors: [] }];
}

function context(): DeployContext {
  const { caFile: _, ...own } = describeInstance({}, { home: root });
  const deployment = { ...own, address: stub.address };
  writeCredential(deployment.home, "deployer", { roleId: "role", secretId: "id" });
  return { deployment, instanceId: "6f2f4f5e-3a5f-4d5e-8b3b-6a1a3a8d9f10" } as DeployContext;
}

beforeAll(async () => {
  await writeSnapshot(taken);
  writeFileSync(secret, "the unseal key shares");
  stub = await serveStub(answer);
});
beforeEach(() => {
  rmSync(out, { recursive: true, force: true });
  mkdirSync(out);
});
afterAll(() => stub.close());

test("leaves the backup alone in its folder, and no snapshot of a killed run beside the instance", async () => {
  const { home } = describeInstance({}, { home: root });
  mkdirSync(home.snapshots, { recursive: true });
  writeFileSync(join(home.snapshots, "of-backup.snap"), "half of one");
  const { record } = await makeBackup(context(), { out, progress: () => {} });
  expect(readdirSync(out)).toHaveLength(1);
  expect(readdirSync(home.snapshots)).toEqual([]);
  await readArchive(record.file, join(folder, "restored.snap"));
  expect(readFileSync(join(folder, "restored.snap")).equals(readFileSync(taken))).toBe(true);
});

test("contains no other file of this host, whatever the owner of its folder exchanges there", async () => {
  const progress = (text: string) => {
    if (!text.startsWith("writing /")) return;
    for (const name of readdirSync(out)) {
      rmSync(join(out, name));
      symlinkSync(secret, join(out, name));
    }
  };
  await makeBackup(context(), { out, progress });
  expect(Object.values(contentOf(out)).map((text) => text.includes("the unseal key shares"))).toEqual([
    false,
  ]);
});
