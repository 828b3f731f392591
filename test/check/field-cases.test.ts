import { type Bed, key, makeBed } from "./support";

/** What people who do this job ran into (docs/field-cases.md), by the command itself. */
describe("field cases of OpenRouter", () => {
  let bed: Bed;
  beforeAll(async () => {
    bed = await makeBed({
      models: {
        default: "openrouter/auto",
        fallback: "google/gemini-2.5-pro",
        experimentation: "~anthropic/claude-sonnet-latest",
        french: "@preset/french",
        open: "meta-llama/llama-3.3-70b-instruct",
      },
      budget: { priceCeiling: 20 },
    });
  }, 300_000);
  afterAll(() => bed.close());
  beforeEach(async () => {
    await bed.reset();
    await bed.openrouter.putAccount({ presets: { french: "mistralai/mistral-large-2512" } });
  });

  interface Result {
    readonly id: string;
    readonly status: string;
    readonly summary: string;
    readonly details?: readonly string[];
    readonly fix?: string;
  }

  async function check(...ids: string[]) {
    const { code, json, text } = await bed.check("--json", "--only", ids.join(","));
    expect(text + json).not.toContain(key.slice(9));
    const { results } = JSON.parse(json) as { results: Result[] };
    return { code, of: (id: string) => results.find((result) => result.id === id) };
  }
  const chats = ["chat.default", "chat.fallback", "chat.experimentation"];

  test("a router, a model that must reason and an alias answer", async () => {
    const { code, of } = await check("models.known", ...chats);
    expect(of("models.known")).toMatchObject({
      status: "pass",
      summary:
        "4 of 5 are listed, 1 by a preset of the account; default at a price known only by each answer",
      details: expect.arrayContaining([
        expect.stringMatching(/^~anthropic\/claude-sonnet-latest stands for anthropic\/claude-sonnet-5/),
        expect.stringMatching(/^meta-llama\/llama-3\.3-70b-instruct, 0\.1\/0\.32 USD/),
      ]),
    });
    expect(of("chat.default")).toMatchObject({
      status: "pass",
      summary: expect.stringMatching(/^openrouter\/auto routed to google\/gemini-2\.5-flash: "OK"/),
      details: expect.arrayContaining(["its price is known only by its answer"]),
    });
    expect(of("chat.fallback")).toMatchObject({ status: "pass", summary: expect.stringMatching(/"OK"/) });
    expect(of("chat.experimentation")).toMatchObject({
      status: "pass",
      summary: expect.stringMatching(/^anthropic\/claude-sonnet-5: "OK"/),
    });
    expect(code).toBe(0);
  }, 300_000);

  test("an answer without an answer is requested once more, and then told as the provider's failure", async () => {
    const pro = "google/gemini-2.5-pro";
    const none = { status: 200, body: { id: "gen-x", object: "chat.completion", model: pro, choices: [] } };
    await bed.openrouter.addFault({ model: pro, times: 1, ...none });
    expect((await check("chat.fallback")).of("chat.fallback")).toMatchObject({
      status: "pass",
      details: expect.arrayContaining(["its provider gave no answer at first"]),
    });
    await bed.openrouter.addFault({ model: pro, ...none });
    await bed.openrouter.clearRequests();
    const { code, of } = await check("chat.fallback");
    expect(of("chat.fallback")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/^The model's provider gave no answer/),
      fix: expect.stringMatching(/failure of the model's provider/),
    });
    expect(code).toBe(1);
    const asked = (await bed.openrouter.requests()).filter(({ path }) => path === "/chat/completions");
    expect(asked).toHaveLength(2);
  }, 300_000);

  test("a model that a guardrail of the key's workspace excludes is reported, with one that it permits", async () => {
    const workspace = { id: "0df9e665-d932-5740-b2c7-b52af166bc11" };
    const allowedModels = ["google/gemini-2.5-pro", "anthropic/claude-sonnet-5"];
    await bed.openrouter.putWorkspace({ ...workspace, allowedModels });
    const { code, of } = await check("models.known", "chat.default");
    await bed.openrouter.putWorkspace({ ...workspace, allowedModels: null });
    expect(of("models.known")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(
        /^meta-llama\/llama-3\.3-70b-instruct is in the catalogue, but this key/,
      ),
    });
    expect(of("chat.default")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/constraint_filtered/),
      fix: expect.stringMatching(/OpenRouter suggests google\/gemini-2\.5-pro/),
    });
    expect(code).toBe(1);
  }, 300_000);

  test("what own provider keys spend is reported, and that the limit does not bind it", async () => {
    const byokUsage = { total: 60, daily: 60, weekly: 60, monthly: 60 };
    await bed.openrouter.putKey({ key, byokUsage });
    const { of } = await check("budget.spent", "budget.limit");
    await bed.openrouter.putKey({ key, byokUsage: { total: 0, daily: 0, weekly: 0, monthly: 0 } });
    expect(of("budget.spent")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/^60\.00 USD .* this month, all of it by own provider keys \(BYOK\)/),
    });
    expect(of("budget.limit")).toMatchObject({
      status: "warn",
      summary: expect.stringMatching(/does not bind what own provider keys \(BYOK\) spend/),
    });
  }, 300_000);

  test("the budget of the key's workspace is reported as what it is", async () => {
    const workspace = { id: "0df9e665-d932-5740-b2c7-b52af166bc11" };
    await bed.openrouter.putWorkspace({ ...workspace, monthlyBudget: 0 });
    const { of } = await check("chat.default");
    await bed.openrouter.putWorkspace({ ...workspace, monthlyBudget: null });
    expect(of("chat.default")).toMatchObject({
      status: "fail",
      summary: expect.stringMatching(/^The workspace's budget is spent/),
      fix: expect.stringMatching(/binds all of its keys.*key of another workspace/),
    });
  }, 300_000);

  test("a dated answer is the model's, though no catalogue can be read", async () => {
    await bed.openrouter.addFault({ path: "/models", status: 503 });
    const body = {
      model: "google/gemini-2.5-pro-2025-06-17",
      choices: [{ finish_reason: "stop", message: { content: "OK" } }],
    };
    await bed.openrouter.addFault({ model: "google/gemini-2.5-pro", status: 200, body });
    expect((await check("chat.fallback")).of("chat.fallback")).toMatchObject({ status: "pass" });
  }, 300_000);
});
