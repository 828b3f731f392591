import { dirname, join } from "node:path";
import { sha256 } from "../../../lib/core/fingerprint";
import { type HomePaths, homePaths } from "../../../lib/model/home-paths";
import { keyFingerprint } from "../../../lib/model/openrouter-key";
import { type ManagementClient, managementClient } from "../../../lib/openrouter/management";
import { leftKeys, runPendingCleanups } from "../../../lib/operations/key/run-pending-cleanups";
import { type HostEntry, saveHost } from "../../../lib/store/records/hosts-record";
import { writeKeyRecord } from "../../../lib/store/records/key-record";
import {
  addPendingCleanup,
  type Removal,
  readPendingCleanups,
} from "../../../lib/store/records/pending-cleanups";
import { beginInstance, homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../../support/sandbox";

const key = (letter: string) => `sk-or-v1-${letter.repeat(64)}`;
const [current, old, management] = [key("a"), key("b"), key("c")];
const active = { sha256: sha256(current), label: "sk-or-v1-aaa...aaa" };
const hour = 3_600_000;
let home: HomePaths;
let sandbox: Sandbox;
let control: SandboxControl;
let manager: ManagementClient;

const homesOfHost = process.env.OPENCLAW_OPENROUTER_HOME;

beforeEach(async () => {
  home = homeOf(scratchFolder());
  process.env.OPENCLAW_OPENROUTER_HOME = dirname(home.root);
  sandbox = await startSandbox({ port: 0, key: current, managementKey: management });
  control = sandboxControl(sandbox.port);
  await control.putKey({ key: old, name: "old" });
  manager = managementClient({ baseUrl: sandbox.baseUrl, key: management, timeoutSeconds: 10 });
});
afterEach(() => sandbox.close());
afterAll(() => {
  if (homesOfHost === undefined) delete process.env.OPENCLAW_OPENROUTER_HOME;
  else process.env.OPENCLAW_OPENROUTER_HOME = homesOfHost;
});

const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
const removal = (fields: Partial<Removal>): Removal => ({
  kind: "remove",
  since: ago(hour),
  graceSeconds: 3600,
  ...fields,
});
const run = () => runPendingCleanups(manager, home, active);
const keys = async () =>
  Object.fromEntries(
    (await manager.list()).map(({ name, disabled }) => [name, disabled ? "disabled" : "on"]),
  );

test("an old key is disabled first, and named with the time from which it may go", async () => {
  addPendingCleanup(home, removal({ sha256: sha256(old), label: "sk-or-v1-bbb...bbb" }));
  const { done, left } = await run();
  expect(done).toEqual([]);
  expect(left).toEqual([
    {
      key: "sk-or-v1-bbb...bbb",
      disabled: expect.any(String),
      due: expect.any(String),
      why: "its time of grace is not over",
    },
  ]);
  const [{ disabled = "", due = "" } = {}] = left;
  expect(Date.parse(due) - Date.parse(disabled)).toBe(hour);
  expect(await keys()).toEqual({ sandbox: "on", old: "disabled" });

  expect((await run()).done).toEqual([]);
  expect(await keys()).toEqual({ sandbox: "on", old: "disabled" });
});

test("it is deleted once its time of grace is over", async () => {
  addPendingCleanup(home, removal({ sha256: sha256(old), disabled: ago(2 * hour) }));
  expect(await run()).toEqual({ done: ["The key sk-or-v1-bbb...bbb is deleted."], left: [] });
  expect(await keys()).toEqual({ sandbox: "on" });
  expect(readPendingCleanups(home)).toEqual([]);
});

test("it is disabled and deleted at once where it has none", async () => {
  addPendingCleanup(home, removal({ sha256: sha256(old), graceSeconds: 0 }));
  await run();
  const changes = (await control.requests()).filter(({ method }) => method !== "GET");
  expect(changes.map(({ method }) => method)).toEqual(["PATCH", "DELETE"]);
  expect(await keys()).toEqual({ sandbox: "on" });
});

test.each<[string, Partial<Removal>]>([
  ["by its digest", { sha256: active.sha256 }],
  ["by OpenRouter's hash", { hash: active.sha256 }],
  ["by its label", { sha256: "another", label: active.label }],
  ["by its name", { name: "sandbox" }],
])("the active key is never touched, though it is named %s", async (_, fields) => {
  addPendingCleanup(home, removal({ ...fields, graceSeconds: 0 }));
  await run();
  expect(await keys()).toEqual({ sandbox: "on", old: "on" });
});

test.each<[string, Partial<HostEntry>]>([
  ["has", { key: { sha256: sha256(old), label: "old", limitUsd: 1 } }],
  ["has, known by OpenRouter's hash", { key: { sha256: "?", hash: sha256(old), label: "old", limitUsd: 1 } }],
  [
    "is about to get",
    { newKey: { key: { sha256: sha256(old), label: "old", limitUsd: 1 }, graceSeconds: 0 } },
  ],
])("a key that a host %s is never touched, and its cleanup stays", async (_, fields) => {
  const host = {
    name: "web1",
    role: "role",
    keyPath: "secret/openrouter/web1",
    invited: ago(0),
    addresses: [],
  };
  saveHost(home, { ...host, ...fields });
  const cleanup = removal({ sha256: sha256(old), graceSeconds: 0 });
  addPendingCleanup(home, cleanup);
  expect(await run()).toEqual({ done: [], left: [] });
  expect(await keys()).toEqual({ sandbox: "on", old: "on" });
  expect(readPendingCleanups(home)).toEqual([cleanup]);
});

test("a key that another instance of this host has is never touched, and the cleanup says so", async () => {
  const root = process.env.OPENCLAW_OPENROUTER_HOME ?? "";
  const other = homePaths(join(root, "staging"));
  beginInstance(other.root);
  writeKeyRecord(other, { generation: 0, version: 1, fingerprint: keyFingerprint(old), retired: [] });
  const cleanup = removal({ sha256: sha256(old), label: "sk-or-v1-bbb...bbb", graceSeconds: 0 });
  addPendingCleanup(home, cleanup);
  expect(await run()).toEqual({
    done: [],
    left: [{ key: "sk-or-v1-bbb...bbb", why: expect.stringContaining("the instance staging has it") }],
  });
  expect(await keys()).toEqual({ sandbox: "on", old: "on" });

  writeKeyRecord(other, { generation: 0, version: 1, fingerprint: keyFingerprint(key("d")), retired: [] });
  await run();
  expect(await keys()).toEqual({ sandbox: "on" });
});

test("a key whose making was interrupted is found by its name, and one that was never made is forgotten", async () => {
  await manager.create({ name: "agent (rotation 1)", limit: 1, limitReset: null });
  addPendingCleanup(home, removal({ name: "agent (rotation 1)", graceSeconds: 0 }));
  addPendingCleanup(home, removal({ name: "agent (rotation 2)", graceSeconds: 0 }));
  expect((await run()).left).toEqual([]);
  expect(await keys()).toEqual({ sandbox: "on", old: "on" });
  expect(readPendingCleanups(home)).toEqual([]);
});

test("two keys of one label are not told apart by it", async () => {
  const twin = `sk-or-v1-bbb${"d".repeat(58)}bbb`;
  await control.putKey({ key: twin, name: "twin" });
  addPendingCleanup(home, removal({ sha256: "another", label: "sk-or-v1-bbb...bbb", graceSeconds: 0 }));
  await run();
  expect(await keys()).toEqual({ sandbox: "on", old: "on", twin: "on" });
});

test("in another account's list nothing is taken for gone", async () => {
  addPendingCleanup(home, removal({ sha256: sha256(key("d")), label: "sk-or-v1-ddd...ddd" }));
  const { left } = await runPendingCleanups(manager, home, { sha256: sha256(key("e")) });
  expect(left).toEqual([
    { key: "sk-or-v1-ddd...ddd", why: "it is not in the account of this management key" },
  ]);
  expect(readPendingCleanups(home)).toHaveLength(1);
});

test("what fails at OpenRouter is kept, and does not keep the others", async () => {
  addPendingCleanup(home, removal({ sha256: sha256(old), graceSeconds: 0 }));
  await manager.create({ name: "orphan", limit: 1, limitReset: null });
  addPendingCleanup(home, removal({ name: "orphan", graceSeconds: 0 }));
  await control.addFault({
    path: `/keys/${sha256(old)}`,
    status: 403,
    body: { error: { code: 403, message: "no" } },
  });
  const { left } = await run();
  expect(left).toHaveLength(1);
  expect(await keys()).toEqual({ sandbox: "on", old: "on" });
  await control.clearFaults();
  await run();
  expect(await keys()).toEqual({ sandbox: "on" });
});

test("a key that was made gets its name in the end", async () => {
  const { item } = await manager.create({ name: "agent (rotation 1)", limit: 1, limitReset: null });
  addPendingCleanup(home, { kind: "rename", hash: item.hash, name: "agent" });
  expect(await run()).toEqual({ done: [], left: [] });
  expect(await keys()).toEqual({ sandbox: "on", old: "on", agent: "on" });
});

test("without a management key the keys to delete are named", () => {
  addPendingCleanup(home, removal({ sha256: sha256(old), label: "sk-or-v1-bbb...bbb" }));
  addPendingCleanup(home, removal({ name: "agent (rotation 1)" }));
  expect(leftKeys(home).map((left) => left.key)).toEqual([
    "sk-or-v1-bbb...bbb",
    'named "agent (rotation 1)"',
  ]);
});

test("a cleanup is recorded once, however often a run is repeated", () => {
  for (const since of [ago(hour), ago(0)]) addPendingCleanup(home, removal({ sha256: sha256(old), since }));
  expect(readPendingCleanups(home)).toHaveLength(1);
});
