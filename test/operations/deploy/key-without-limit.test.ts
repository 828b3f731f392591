import { remindOfLimit, whereToMakeAKey } from "../../../lib/operations/deploy/key-without-limit";
import { canary, describeInstance } from "../../support/deployment";
import { sandboxControl, startSandbox } from "../../support/sandbox";

let server: Awaited<ReturnType<typeof startSandbox>>;
beforeAll(async () => {
  server = await startSandbox({ port: 0 });
});
afterAll(() => server.close());

/** @param limits of the key, when it is first asked and after Enter; undefined: OpenRouter does not know the key */
async function remind(...limits: (number | null | undefined)[]) {
  const control = sandboxControl(server.port);
  const key = `${canary.slice(0, -1)}${Math.trunc(Math.random() * 10)}`;
  const put = async (limit: number | null | undefined) => {
    if (limit !== undefined) await control.putKey({ key, limit, limitReset: "monthly" });
  };
  await put(limits[0]);
  const said: string[] = [];
  let waited = 0;
  await remindOfLimit({
    deployment: describeInstance({ openrouter: { baseUrl: server.baseUrl } }),
    key,
    waitForEnter: async () => {
      waited++;
      await put(limits[1]);
    },
    say: (line) => said.push(line),
    signal: new AbortController().signal,
  });
  expect(said.join()).not.toContain(key);
  return { waited, said };
}

test.each([
  ["a key with a limit", 30],
  ["a key that OpenRouter does not know", undefined],
])("%s: nothing is said", async (_, limit) => {
  expect(await remind(limit)).toEqual({ waited: 0, said: [] });
});

test("a key without a limit is waited for, and asked again", async () => {
  const { waited, said } = await remind(null, 30);
  expect(waited).toBe(1);
  expect(said[0]).toContain("34.50 USD, reset monthly");
  expect(said[1]).toContain("a limit of 30.00 USD");
});

test("without one after all, it goes on and says so", async () => {
  expect((await remind(null, null)).said[1]).toContain("still has no limit");
});

test("the prompt names the page and the limit of the settings", () => {
  const { settings } = describeInstance({ budget: { hardLimitEur: 20 } });
  expect(whereToMakeAKey(settings)).toMatch(
    /openrouter\.ai\/settings\/keys: limit 23\.00 USD, reset monthly/,
  );
});
