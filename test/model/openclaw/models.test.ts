import { certainReplacement, outdatedModel, outdatedModels } from "../../../lib/config/outdated-models";
import { settingsSchema } from "../../../lib/config/settings";
import { describeReplaced, guideModels, presentModels } from "../../../lib/model/openclaw/models";
import { initialCatalogue } from "../../../lib/sandbox/catalogue";

const guideIds = [
  "anthropic/claude-sonnet-4-20250514",
  "anthropic/claude-haiku-3.5",
  "mistral/mistral-large-latest",
  "google/gemini-2.0-flash-001",
];

test("knows every id of the setup guide that no longer works", () => {
  for (const id of guideIds) expect(outdatedModel(id)).toBeDefined();
});

test("knows nothing against the setup guide's id that still works, nor against the defaults", () => {
  expect(outdatedModel("meta-llama/llama-3.3-70b-instruct")).toBeUndefined();
  for (const id of Object.values(settingsSchema.parse({}).models)) expect(outdatedModel(id)).toBeUndefined();
});

test("replaces by itself only where one id is right", () => {
  expect(certainReplacement("anthropic/claude-haiku-3.5")).toBe("anthropic/claude-haiku-4.5");
  expect(certainReplacement("google/gemini-2.0-flash-001")).toBe("google/gemini-2.5-flash");
  expect(certainReplacement("mistral/mistral-large-latest")).toBeUndefined();
  expect(certainReplacement("anthropic/claude-sonnet-4-20250514")).toBeUndefined();
  expect(certainReplacement("openai/gpt-5-mini")).toBeUndefined();
});

test("names only ids that the sandbox's catalogue has, and none that is out of date itself", () => {
  const ids = initialCatalogue.map((model) => model.id);
  for (const candidate of outdatedModels.flatMap((model) => model.candidates)) {
    expect(ids).toContain(candidate);
    expect(outdatedModel(candidate)).toBeUndefined();
  }
});

test("every role of the setup guide has an id that works, or one that is known to be out of date", () => {
  const present = settingsSchema.parse({}).models;
  expect(Object.keys(guideModels)).toEqual(Object.keys(present));
  for (const [role, id] of Object.entries(guideModels)) {
    const candidates = outdatedModel(id)?.candidates ?? [id];
    expect(candidates).toContain(present[role as keyof typeof present]);
  }
});

test("replaces what is certain, says so, and leaves all else", () => {
  const given = {
    default: "x/y",
    fallback: "anthropic/claude-haiku-3.5",
    french: "mistral/mistral-large-latest",
  };
  const { models, replaced } = presentModels(given);
  expect(models).toEqual({ ...given, fallback: "anthropic/claude-haiku-4.5" });
  expect(describeReplaced(replaced)).toEqual([
    expect.stringMatching(/^! models\.fallback: anthropic\/claude-haiku-3\.5 was never/),
  ]);
});
