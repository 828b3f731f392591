import { gatewayKey } from "../../../lib/openclaw/gateway/key";
import { mergedConfig, type Placed } from "../../../lib/openclaw/gateway/merged-config";
import { gatewayModels, openRouterId } from "../../../lib/openclaw/gateway/models";
import { processorTime } from "../../support/regexps";

const declared = "openrouter/anthropic/claude-sonnet-5";
const fragment = `{
  models: { providers: { openrouter: { baseUrl: "https://openrouter.ai/api/v1", auth: "api-key",
    apiKey: { source: "exec", provider: "openclaw-openrouter", id: "openrouter/api_key" } } } },
  agents: { defaults: { model: { primary: "${declared}", fallbacks: ["openrouter/anthropic/claude-haiku-4.5"] } } },
}`;

/** @param own the members of a user's openclaw.json, beside the include */
function configOf(own: string, others: Record<string, string> = {}): Placed {
  const files: Record<string, string> = { "/oc/openrouter.json5": fragment, ...others };
  return mergedConfig(
    "/oc/openclaw.json",
    `{ "$include": ["./openrouter.json5"],\n${own}\n}`,
    (path) => files[path],
  );
}
/** Without the uses of the fragment itself. */
function modelsOf(own: string, others?: Record<string, string>) {
  const models = gatewayModels(configOf(own, others), declared);
  return { ...models, uses: models.uses.filter(({ file }) => file !== "/oc/openrouter.json5") };
}

test("an agent without a model of its own uses the declared one, in an older list too", () => {
  const defaults = { id: "main", model: declared };
  expect(modelsOf("").agents).toEqual([defaults]);
  expect(modelsOf('agents: { entries: { main: {}, work: { name: "W" } } }').agents).toEqual([
    defaults,
    { id: "work", model: declared },
  ]);
  expect(modelsOf('agents: { list: [{ id: "main", default: true }] }').agents).toEqual([defaults]);
});

describe("of a configuration with many values", () => {
  const many = Array.from({ length: 5000 }, (_, index) => `a${index}: { model: "x/y" }`).join();

  test("each agent is compared with its own model only", () => {
    const config = configOf(`agents: { entries: { ${many} } }`);
    let compared = 0;
    const startsWith = String.prototype.startsWith;
    const counted = jest.spyOn(String.prototype, "startsWith").mockImplementation(function (
      this: string,
      ...given
    ) {
      compared++;
      return startsWith.apply(this, given);
    });
    const { agents } = gatewayModels(config, declared);
    counted.mockRestore();
    expect(agents).toHaveLength(5000);
    expect(agents.at(-1)).toMatchObject({ id: "a4999", model: "x/y", own: { who: "agent a4999" } });
    expect(compared).toBeLessThan(50_000);
  });

  test("a long name around them is refused: each value has it in its path", () => {
    const text = `plugins: { ${"k".repeat(100_000)}: { ${many} } }`;
    expect(() => configOf(text)).toThrow("the names of its values are too long");
  });
});

test.each<[string, string, { who: string; name: string; line: number; model: string }]>([
  [
    "an agent of a list",
    '\nagents: { list: [{ id: "main",\n model: { primary: "openai/gpt-5.5", fallbacks: [] } }] }',
    { who: "agent main", name: "agents.list.0.model.primary", line: 4, model: "openai/gpt-5.5" },
  ],
  [
    "an agent by a bare string",
    'agents: { entries: { work: { model: "openrouter/openai/gpt-5.5" } } }',
    { who: "agent work", name: "agents.entries.work.model", line: 2, model: "openrouter/openai/gpt-5.5" },
  ],
  [
    "a fallback of an agent",
    'agents: { entries: { work: { model: { fallbacks: ["x/y"] } } } }',
    {
      who: "agent work (agents.entries.work.model.fallbacks.0)",
      name: "agents.entries.work.model.fallbacks.0",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "every agent",
    'agents: { defaults: { model: { primary: "x/y" } } }',
    { who: "every agent", name: "agents.defaults.model.primary", line: 2, model: "x/y" },
  ],
  [
    "every sub-agent",
    'agents: { defaults: { subagents: { model: "x/y" } } }',
    { who: "the sub-agents of every agent", name: "agents.defaults.subagents.model", line: 2, model: "x/y" },
  ],
  [
    "a heartbeat",
    'agents: { entries: { work: { heartbeat: { every: "30m", model: "x/y" } } } }',
    {
      who: "the heartbeat of agent work",
      name: "agents.entries.work.heartbeat.model",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "a channel's peer",
    'channels: { modelByChannel: { telegram: { "-100:topic:9": "x/y" } } }',
    {
      who: "telegram -100:topic:9",
      name: "channels.modelByChannel.telegram.-100:topic:9",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "short tasks",
    'agents: { defaults: { utilityModel: "x/y" } }',
    { who: "short tasks of every agent", name: "agents.defaults.utilityModel", line: 2, model: "x/y" },
  ],
  [
    "a hook",
    'hooks: { mappings: [{ id: "a", model: "x/y" }] }',
    { who: "hooks.mappings.0.model", name: "hooks.mappings.0.model", line: 2, model: "x/y" },
  ],
  [
    "compaction",
    'agents: { defaults: { compaction: { memoryFlush: { model: "x/y" } } } }',
    {
      who: "the compaction of every agent",
      name: "agents.defaults.compaction.memoryFlush.model",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "images",
    'agents: { defaults: { mediaModels: { image: { primary: "x/y" } } } }',
    {
      who: "agents.defaults.mediaModels.image.primary",
      name: "agents.defaults.mediaModels.image.primary",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "a media model beside its provider",
    'tools: { media: { models: [{ provider: "openai", model: "gpt-4o-mini-transcribe" }] } }',
    {
      who: "tools.media.models.0.model",
      name: "tools.media.models.0.model",
      line: 2,
      model: "openai/gpt-4o-mini-transcribe",
    },
  ],
  [
    "a plugin's fallback",
    'plugins: { entries: { "active-memory": { config: { modelFallback: "x/y" } } } }',
    {
      who: "plugins.entries.active-memory.config.modelFallback",
      name: "plugins.entries.active-memory.config.modelFallback",
      line: 2,
      model: "x/y",
    },
  ],
  [
    "a plugin",
    'plugins: { entries: { "llm-task": { config: { defaultModel: "x/y" } } } }',
    {
      who: "plugins.entries.llm-task.config.defaultModel",
      name: "plugins.entries.llm-task.config.defaultModel",
      line: 2,
      model: "x/y",
    },
  ],
])("tells the model of %s, with its line", (_, own, use) => {
  expect(modelsOf(own).uses).toEqual([expect.objectContaining({ file: "/oc/openclaw.json", ...use })]);
});

test("tells a model of an included file with that file's line", () => {
  const others = { "/oc/agents/all.json5": '{\n\n entries: { work: { model: "x/y" } } }' };
  const [use] = modelsOf('agents: { $include: "./agents/all.json5" }', others).uses;
  expect(use).toMatchObject({ file: "/oc/agents/all.json5", line: 3, who: "agent work" });
});

test.each<[string, string]>([
  ["definitions of models", 'models: { providers: { own: { models: [{ id: "x", model: "y" }] } } }'],
  ["a channel that is switched off", 'channels: { discord: { enabled: false, voice: { model: "x/y" } } }'],
  ["an empty name", 'agents: { defaults: { utilityModel: "" } }'],
])("tells no use for %s", (_, own) => expect(modelsOf(own).uses).toEqual([]));

test("an alias stands for its model, and a pinned credential is told apart", () => {
  const own = `agents: { defaults: { models: { "${declared}": { alias: "Sonnet" } } },
    entries: { a: { model: "sonnet" }, b: { model: "${declared}@openrouter:mine" }, c: { model: "openrouter/@preset/x" } } }`;
  const { agents, uses } = modelsOf(own);
  expect(agents.map(({ model }) => model)).toEqual([declared, declared, "openrouter/@preset/x"]);
  expect(uses.map(({ profile }) => profile)).toEqual([undefined, "openrouter:mine", undefined]);
});

test("a model of an agent's own has no fallback, unless it lists some or none", () => {
  const losing = (model: string) =>
    modelsOf(`agents: { entries: { a: { model: ${model} } } }`).agents[0]?.losesFallback;
  expect(losing(`"${declared}"`)).toBe(true);
  expect(losing(`{ primary: "${declared}" }`)).toBe(true);
  expect(losing(`{ primary: "${declared}", fallbacks: [] }`)).toBeUndefined();
});

test.each<[string, string, string[]]>([
  [
    "one without it",
    'agents: { defaults: { modelPolicy: { allow: ["openai/*"] } } }',
    ["agents.defaults.modelPolicy.allow"],
  ],
  ["one with it", `agents: { defaults: { modelPolicy: { allow: ["openrouter/anthropic/*"] } } }`, []],
  ["an empty one", "agents: { defaults: { modelPolicy: { allow: [] } } }", []],
  ["an older one", 'agents: { defaults: { models: { "openai/gpt-5.5": {} } } }', ["agents.defaults.models"]],
  [
    "an older one that was migrated",
    'agents: { defaults: { models: { "openai/gpt-5.5": {} } } }, meta: { migrations: { modelPolicyAllowlist: true } }',
    [],
  ],
  [
    "an agent's",
    'agents: { entries: { a: { modelPolicy: { allow: ["x/y"] } } } }',
    ["agents.entries.a.modelPolicy.allow"],
  ],
])("tells an allow-list that lacks the declared model: %s", (_, own, names) =>
  expect(modelsOf(own).allowLists.map(({ name }) => name)).toEqual(names),
);

test("merges as the gateway does: lists are joined, and other values replace", () => {
  const config = configOf('agents: { defaults: { model: { fallbacks: ["x/y"] } } }');
  const model = JSON.parse(JSON.stringify(plain(config))).agents.defaults.model;
  expect(model).toEqual({ primary: declared, fallbacks: ["openrouter/anthropic/claude-haiku-4.5", "x/y"] });
});

test("files that include each other end, and too many values are refused", () => {
  const ring = {
    "/oc/a.json5": '{ $include: "./b.json5", a: 1 }',
    "/oc/b.json5": '{ $include: "./a.json5", b: 2 }',
  };
  expect(plain(configOf('x: { $include: "./a.json5" }', ring))).toMatchObject({ x: { a: 1, b: 2 } });
  const many = Object.fromEntries(
    [...Array(9)].map((_, at) => [
      `/oc/${at}.json5`,
      `{ ${[...Array(9)].map((__, each) => `m${each}: { $include: "./${at + 1}.json5" }`).join(", ")} }`,
    ]),
  );
  expect(() => configOf('x: { $include: "./0.json5" }', many)).toThrow(/more than 100000 values/);
});

test.each<[string, string, Record<string, string>]>([
  [
    "many files that name many others",
    names(400),
    Object.fromEntries([...Array(64)].map((_, at) => [`/oc/${at}.json5`, `{ $include: ${names(400)} }`])),
  ],
  [
    "a large object merged with many small ones",
    `["./large.json5"${', "./small.json5"'.repeat(30_000)}]`,
    { "/oc/large.json5": `{ x: { ${letters(30_000)} } }`, "/oc/small.json5": "{ x: {} }" },
  ],
  [
    "a large list joined with many small ones",
    `["./large.json5"${', "./small.json5"'.repeat(30_000)}]`,
    { "/oc/large.json5": `{ x: [${"0, ".repeat(30_000)}] }`, "/oc/small.json5": "{ x: [] }" },
  ],
])("%s are refused soon", (_, included, files) => {
  const refusal = () =>
    expect(() => configOf(`$include: ${included}`, files)).toThrow(/more than 100000 values/);
  expect(processorTime(refusal)).toBeLessThan(10_000);
});

/** A list of the files from 0 on. */
function names(count: number): string {
  return JSON.stringify([...Array(count)].map((_, at) => `./${at}.json5`));
}

function letters(count: number): string {
  return [...Array(count)].map((_, at) => `m${at}: 0`).join(", ");
}

test.each([
  ["openrouter/anthropic/claude-sonnet-5", "anthropic/claude-sonnet-5"],
  ["openrouter/openrouter/auto", "openrouter/auto"],
  ["openrouter/auto", "openrouter/auto"],
  ["openrouter/~anthropic/claude-sonnet-latest", "~anthropic/claude-sonnet-latest"],
  ["openrouter/@preset/mine", "@preset/mine"],
  ["openai/gpt-5.5", undefined],
])("%s is sent as %s", (model, id) => expect(openRouterId(model)).toBe(id));

test.each<[string, string, object]>([
  ["Vault's", "", { kind: "managed", isOverridable: false }],
  [
    "a plain one",
    `models: { providers: { openrouter: { apiKey: "sk-or-v1-${"a".repeat(64)}" } } }`,
    { kind: "plain" },
  ],
  [
    "a placeholder",
    'models: { providers: { openrouter: { apiKey: "__OPENCLAW_REDACTED__" } } }',
    { kind: "redacted" },
  ],
  [
    "a placeholder in the reference",
    'models: { providers: { openrouter: { apiKey: { id: "***" } } } }',
    { kind: "redacted" },
  ],
  [
    "a variable",
    'models: { providers: { openrouter: { apiKey: "${OPENROUTER_API_KEY}" } } }',
    { kind: "other" },
  ],
  [
    "another reference",
    'models: { providers: { openrouter: { apiKey: { provider: "mine" } } } }',
    { kind: "other" },
  ],
  [
    "one that an exported key replaces",
    'models: { providers: { openrouter: { auth: "oauth" } } }',
    { kind: "managed", isOverridable: true },
  ],
])("knows the key in effect: %s", (_, own, key) => expect(gatewayKey(configOf(own))).toMatchObject(key));

/** The values without their places. */
function plain(at: Placed): unknown {
  const { value } = at;
  if (value instanceof Map) return Object.fromEntries([...value].map(([name, each]) => [name, plain(each)]));
  return Array.isArray(value) ? value.map(plain) : value;
}
