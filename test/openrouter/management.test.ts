import { OpenRouterFailure } from "../../lib/openrouter/errors";
import { managementClient } from "../../lib/openrouter/management";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../support/sandbox";

const key = `sk-or-v1-${"a1b2".repeat(16)}`;
const ordinary = `sk-or-v1-${"c3d4".repeat(16)}`;
const limited = { limit: 20, limitReset: "monthly" };
let sandbox: Sandbox;
let control: SandboxControl;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key: ordinary, managementKey: key });
  control = sandboxControl(sandbox.port);
});
afterEach(() => sandbox.close());

const client = (given = key) =>
  managementClient({ baseUrl: sandbox.baseUrl, key: given, timeoutSeconds: 10 });

async function failure(call: Promise<unknown>): Promise<OpenRouterFailure> {
  const error: unknown = await call.then(
    () => undefined,
    (reason) => reason,
  );
  if (!(error instanceof OpenRouterFailure)) throw new Error(`no failure of OpenRouter's: ${error}`);
  return error;
}

test("a key is made as requested, and shown once", async () => {
  const expiresAt = "2027-02-01T00:00:00.000Z";
  const made = await client().create({ name: "agent", ...limited, expiresAt });
  expect(made.key).toMatch(/^sk-or-v1-[0-9a-f]{64}$/);
  expect(made.item).toEqual({
    hash: expect.stringMatching(/^[0-9a-f]{64}$/),
    name: "agent",
    label: `${made.key.slice(0, 12)}...${made.key.slice(-3)}`,
    disabled: false,
    limit: 20,
    limitReset: "monthly",
    includeByokInLimit: false,
    spentThisMonth: 0,
  });
  const answer = await fetch(`${sandbox.baseUrl}/key`, {
    headers: { authorization: `Bearer ${made.key}` },
  });
  expect(await answer.json()).toMatchObject({ data: { limit: 20, expires_at: expiresAt } });
});

test("without a limit it is unlimited, and without a reset the limit is for its lifetime", async () => {
  const { item } = await client().create({ name: "agent", limit: null, limitReset: null });
  expect(item).toMatchObject({ limit: null, limitReset: null });
});

test("all keys are listed, a hundred at a time, the disabled ones too", async () => {
  for (let number = 1; number <= 204; number++)
    await control.putKey({ key: `sk-or-v1-${String(number).padStart(31, "0")}`, disabled: number === 150 });
  const keys = await client().list();
  expect(keys).toHaveLength(205);
  expect(keys.filter(({ disabled }) => disabled)).toHaveLength(1);
}, 300_000);

test("the keys of a workspace are its own, and all workspaces are listed", async () => {
  const workspaces = await client().listWorkspaces();
  expect(workspaces.map(({ name }) => name)).toEqual(["Default Workspace", "Team"]);
  const workspaceId = workspaces[1]!.id;
  const { item } = await client().create({ name: "theirs", ...limited, workspaceId });
  expect((await client().list(workspaceId)).map(({ hash }) => hash)).toEqual([item.hash]);
  expect((await client().list()).map(({ name }) => name)).toEqual(["sandbox"]);
});

test("only what is wanted is changed", async () => {
  const { item } = await client().create({ name: "agent", ...limited });
  expect(await client().change(item.hash, { disabled: true })).toEqual({ ...item, disabled: true });
  expect(await client().change(item.hash, { limit: null, limitReset: null })).toMatchObject({
    name: "agent",
    disabled: true,
    limit: null,
    limitReset: null,
  });
});

test("a key is removed, and one that is gone already is well", async () => {
  const { item } = await client().create({ name: "agent", ...limited });
  await client().remove(item.hash);
  await client().remove(item.hash);
  expect((await client().list()).map(({ name }) => name)).toEqual(["sandbox"]);
});

test("an ordinary key is told what it lacks", async () => {
  expect(await failure(client(ordinary).list())).toMatchObject({ kind: "management-only", status: 403 });
});

test("a call that makes a key is never repeated: it may have been made", async () => {
  await control.addFault({ path: "/keys", status: 502 });
  expect(await failure(client().create({ name: "agent", ...limited }))).toMatchObject({ kind: "server" });
  const asked = (await control.requests()).filter(({ method }) => method === "POST");
  expect(asked).toHaveLength(1);
});

test("no failure shows a key", async () => {
  const other = `sk-or-v1-${"e5f6".repeat(16)}`;
  await control.addFault({
    path: "/keys",
    status: 403,
    body: { error: { code: 403, message: `not ${other}, ${key}` } },
  });
  const { message, fix } = await failure(client().list());
  for (const secret of [key, other]) expect(message + fix).not.toContain(secret.slice(12, 20));
});
