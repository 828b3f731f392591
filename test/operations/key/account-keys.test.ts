import { sha256 } from "../../../lib/core/fingerprint";
import { managementClient } from "../../../lib/openrouter/management";
import { AccountKeys } from "../../../lib/operations/key/account-keys";
import { workspaceFor } from "../../../lib/operations/key/make-key";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../../support/sandbox";

const key = (letter: string) => `sk-or-v1-${letter.repeat(64)}`;
const [here, there, management] = [key("a"), key("b"), key("c")];
const team = "7d1c2c5e-9a0b-4f6e-8d35-1f2e3d4c5b6a";
const elsewhere = "00000000-0000-0000-0000-000000000000";
let sandbox: Sandbox;
let control: SandboxControl;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key: here, managementKey: management });
  control = sandboxControl(sandbox.port);
  await control.putKey({ key: there, name: "theirs", workspaceId: team });
});
afterEach(() => sandbox.close());

const manager = () =>
  managementClient({ baseUrl: sandbox.baseUrl, key: management, timeoutSeconds: 10, retries: 0 });
const account = () => new AccountKeys(manager());
const paths = async () => (await control.requests()).map(({ path }) => path);

test("a key of the default workspace is found with one request", async () => {
  expect(await account().find({ sha256: sha256(here) }, team)).toMatchObject({ item: { name: "sandbox" } });
  expect(await paths()).toEqual(["/keys"]);
});

test("a key of the workspace that it names is found there", async () => {
  expect(await account().find({ sha256: sha256(there) }, team)).toMatchObject({
    item: { name: "theirs" },
    workspaceId: team,
  });
  expect(await paths()).toEqual(["/keys", "/keys"]);
});

test("a key that names no workspace is looked for in all", async () => {
  for (const wanted of [{ sha256: sha256(there) }, { hash: sha256(there) }, { name: "theirs" }])
    expect(await account().find(wanted)).toMatchObject({ workspaceId: team });
  expect(await account().find({ sha256: "x", label: "sk-or-v1-bbb...bbb" })).toMatchObject({
    item: { name: "theirs" },
  });
});

test("a label that keys of two workspaces have identifies none", async () => {
  await control.putKey({ key: `sk-or-v1-bbb${"0".repeat(58)}bbb`, name: "twin" });
  expect(await account().find({ sha256: "x", label: "sk-or-v1-bbb...bbb" })).toBeUndefined();
});

test("a key that is nowhere: where it was looked for is reported", async () => {
  const keys = account();
  expect(await keys.find({ sha256: "x" }, elsewhere)).toBeUndefined();
  expect(keys.isComplete).toBe(false);
  expect(keys.describe()).toMatch(
    /^looked for in Default Workspace, Team; 00000000-.* could not be listed: .*Workspace not found/,
  );
});

test("without workspaces the default one is all there is", async () => {
  await control.addFault({ path: "/workspaces", status: 404 });
  const keys = account();
  expect(await keys.find({ sha256: sha256(there) })).toBeUndefined();
  expect(keys.describe()).toMatch(/^looked for in the default workspace; the workspaces could not be listed/);
});

describe("a new key is made in", () => {
  const workspaceOf = async (wanted: string, workspaceId?: string) => {
    const keys = account();
    const known = { sha256: sha256(wanted), ...(workspaceId ? { workspaceId } : {}) };
    return workspaceFor({ manager: manager(), keys }, await keys.find(known, workspaceId), known);
  };

  test("the workspace of the old one", async () => {
    expect(await workspaceOf(there)).toEqual({ workspaceId: team });
    expect(await workspaceOf(key("d"), team)).toEqual({ workspaceId: team });
  });

  test("the default workspace, if this account does not have the old one's", async () => {
    expect(await workspaceOf(here)).toEqual({});
    expect(await workspaceOf(key("d"), elsewhere)).toEqual({});
  });
});
