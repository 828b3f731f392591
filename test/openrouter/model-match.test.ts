import { type Answerer, findModel, whoAnswered } from "../../lib/openrouter/model-match";
import { catalogueModel as model } from "./models";

const llama = "meta-llama/llama-3.3-70b-instruct";
const plus = "qwen/qwen-plus-2025-07-28";
/** As in the real catalogue: twins share a permanent name, and the twin often comes first. */
const catalogue = [
  model(`${llama}:free`, { canonicalSlug: llama, promptPrice: 0, completionPrice: 0 }),
  model(llama),
  model(`${plus}:thinking`, { canonicalSlug: plus }),
  model(plus),
  model("anthropic/claude-sonnet-4.5", { canonicalSlug: "anthropic/claude-4.5-sonnet-20250929" }),
  model("openai/gpt-4o", { canonicalSlug: "openai/gpt-4o" }),
  model("openai/gpt-4o-2024-05-13"),
  model("~google/gemini-flash-latest", { aliasTarget: "google/gemini-3.5-flash" }),
  model("google/gemini-3.5-flash", { canonicalSlug: "google/gemini-3.5-flash-20260401" }),
  model("google/gemini-3.5-flash-lite"),
  model("openrouter/auto", { promptPrice: undefined, completionPrice: undefined }),
  model("openrouter/free", { promptPrice: 0, completionPrice: 0 }),
];

test.each([
  [llama, llama],
  [`${llama}:free`, `${llama}:free`],
  [plus, plus],
  [`${plus}:thinking`, `${plus}:thinking`],
  [`${llama}:nitro`, llama],
  [`${llama}:floor`, llama],
  [`${llama}:online`, llama],
  [`${llama}:exacto`, llama],
  [`${llama}@preset/mine`, llama],
  [`${llama}:free@preset/mine`, `${llama}:free`],
  ["anthropic/claude-4.5-sonnet-20250929", "anthropic/claude-sonnet-4.5"],
  ["anthropic/claude-4.5-sonnet-20250929:nitro", "anthropic/claude-sonnet-4.5"],
  ["anthropic/claude-sonnet-4.5:free", undefined],
  ["anthropic/claude-sonnet-4.5:none", undefined],
  ["@preset/mine", undefined],
  ["openrouter/auto", "openrouter/auto"],
  ["openrouter/never", undefined],
  ["toString/constructor", undefined],
])("%s is found as %s", (id, found) => {
  expect(findModel(catalogue, id)?.id).toBe(found);
});

test.each<[string, string, Answerer, number?]>([
  [llama, llama, "itself"],
  [llama, `${llama}:free`, "other"],
  [llama, `${llama}:nitro`, "itself"],
  [`${llama}:nitro`, llama, "itself"],
  [`${llama}:online`, `${llama}:online`, "itself"],
  [`${llama}:free`, `${llama}:free`, "itself"],
  [`${llama}:free`, llama, "itself", 0],
  [`${llama}:free`, llama, "other", 0.00001],
  ["anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929", "itself"],
  ["anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-opus-20250929", "other"],
  ["openai/gpt-4o", "openai/gpt-4o-2024-05-13", "other"],
  ["openai/gpt-4o", "openai/gpt-4o-2024-11-20", "itself"],
  ["openai/gpt-4o-2024-05-13", "openai/gpt-4o-2024-11-20", "other"],
  ["~google/gemini-flash-latest", "google/gemini-3.5-flash", "itself"],
  ["~google/gemini-flash-latest", "google/gemini-3.5-flash-20260401", "itself"],
  ["~google/gemini-flash-latest", "google/gemini-3.5-flash-lite", "other"],
  ["~google/gemini-flash-latest", "google/gemini-2.5-flash", "other"],
  // Aliases whose target the catalogue does not name.
  ["~anthropic/claude-sonnet-latest", "anthropic/claude-sonnet-5", "itself"],
  ["~anthropic/claude-sonnet-latest", "anthropic/claude-5-sonnet-20260219", "itself"],
  ["~anthropic/claude-sonnet-latest", "anthropic/claude-opus-5", "other"],
  ["~anthropic/claude-sonnet-latest", "anthropic/claude-sonnet-5-mini", "other"],
  ["~anthropic/claude-sonnet-latest", "google/claude-sonnet-5", "other"],
  ["openrouter/auto", "anthropic/claude-4.5-sonnet-20250929", "routed"],
  ["openrouter/free", `${llama}:free`, "routed"],
  ["openrouter/aurora-alpha", "openrouter/aurora-alpha", "itself"],
  ["@preset/mine", llama, "routed"],
  [`${llama}@preset/mine`, llama, "itself"],
  [`${llama}@preset/mine`, "openai/gpt-4o", "routed"],
])("asked %s, answered by %s: %s", (asked, answered, answerer, ...[cost]) => {
  expect(whoAnswered(catalogue, { asked, answered, cost })).toBe(answerer);
});

test.each<[string, string, Answerer]>([
  ["anthropic/claude-sonnet-4.5", "anthropic/claude-4.5-sonnet-20250929", "itself"],
  ["anthropic/claude-sonnet-5", "anthropic/claude-next", "unclear"],
  ["anthropic/claude-sonnet-5", "x/dear", "other"],
])("without a catalogue, asked %s, answered by %s: %s", (asked, answered, answerer) => {
  expect(whoAnswered([], { asked, answered })).toBe(answerer);
});
