import { readModelTable, renderModelTable } from "../../lib/openrouter/model-table";
import { describeInstance } from "../support/deployment";
import { type Sandbox, sandboxControl, startSandbox } from "../support/sandbox";

let sandbox: Sandbox;
beforeAll(async () => {
  sandbox = await startSandbox({ port: 0 });
  await sandboxControl(sandbox.port).putModel({ id: "google/gemini-2.5-flash", remove: true });
  await sandboxControl(sandbox.port).putModel({
    id: "mistralai/mistral-large",
    expirationDate: "2099-01-31",
  });
});
afterAll(() => sandbox.close());

const table = () =>
  readModelTable(
    describeInstance({
      openrouter: { baseUrl: sandbox.baseUrl },
      models: { fallback: "anthropic/claude-haiku-3.5", french: "mistralai/mistral-large" },
    }),
  );

test("tells of each role the model, its price and context, and whether it is listed", async () => {
  const rows = await table();
  expect(rows.map(({ role, listed }) => [role, listed])).toEqual([
    ["default", true],
    ["fallback", true],
    ["experimentation", false],
    ["french", true],
    ["open", true],
  ]);
  expect(rows[1]).toEqual({
    role: "fallback",
    id: "anthropic/claude-haiku-4.5",
    inSettings: "anthropic/claude-haiku-3.5",
    guideId: "anthropic/claude-haiku-3.5",
    listed: true,
    promptPrice: 1,
    completionPrice: 5,
    contextLength: 200_000,
  });
});

test("for people it fits a terminal", async () => {
  const text = renderModelTable(await table());
  expect(text).toMatchInlineSnapshot(`
    "role             model                              USD/M     context  listed
    default          anthropic/claude-sonnet-5          3/15      1000k    yes
    fallback         anthropic/claude-haiku-4.5         1/5       200k     yes
    experimentation  google/gemini-2.5-flash                               NO
    french           mistralai/mistral-large            2/6       128k     yes
    open             meta-llama/llama-3.3-70b-instruct  0.1/0.32  131k     yes

      default: in the setup guide anthropic/claude-sonnet-4-20250514
      fallback: in the setup guide anthropic/claude-haiku-3.5
      experimentation: in the setup guide google/gemini-2.0-flash-001
      french: in the setup guide mistral/mistral-large-latest
      french: leaves the catalogue on 2099-01-31"
  `);
  for (const line of text.split("\n")) expect(line.length).toBeLessThanOrEqual(80);
});

test("an alias, a router and a preset are reported as what they are", async () => {
  const rows = await readModelTable(
    describeInstance({
      openrouter: { baseUrl: sandbox.baseUrl },
      models: {
        default: "openrouter/auto",
        fallback: "~anthropic/claude-sonnet-latest",
        experimentation: "meta-llama/llama-3.3-70b-instruct:free",
        french: "@preset/french",
      },
    }),
  );
  expect(renderModelTable(rows).split("\n\n")[0]).toMatchInlineSnapshot(`
    "role             model                                   USD/M     context  listed
    default          openrouter/auto                         unknown   2000k    yes
    fallback         ~anthropic/claude-sonnet-latest         3/15      1000k    yes
    experimentation  meta-llama/llama-3.3-70b-instruct:free  0/0       131k     yes
    french           @preset/french                                             preset
    open             meta-llama/llama-3.3-70b-instruct       0.1/0.32  131k     yes"
  `);
  expect(renderModelTable(rows)).toContain("fallback: stands for anthropic/claude-sonnet-5");
});
