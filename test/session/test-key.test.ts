import { testKey } from "../../lib/session/test-key";
import { describeInstance } from "../support/deployment";
import { type Sandbox, sandboxControl, startSandbox } from "../support/sandbox";

const key = `sk-or-v1-${"a7b8".repeat(16)}`;
let sandbox: Sandbox;

beforeEach(async () => {
  sandbox = await startSandbox({ port: 0, key });
});
afterEach(() => sandbox.close());

const tested = () =>
  testKey(describeInstance({ openrouter: { baseUrl: sandbox.baseUrl } }), key, new AbortController().signal);

test("a key that can chat works", async () => {
  expect(await tested()).toMatchObject({ works: true, info: { isManagementKey: false } });
});

// It has the form of any other, and auth/key accepts it: who gets it can make and delete keys.
test("a management key is refused before it is stored", async () => {
  await sandboxControl(sandbox.port).putKey({ key, management: true });
  expect(await tested()).toEqual({
    works: false,
    refused: true,
    why: "it is a management key, which cannot chat",
  });
});
