import type { ScriptedDrift } from "./scripted-drift";

/** The key at OpenRouter. */
export const keyDrifts: readonly ScriptedDrift[] = [
  {
    name: "the key disabled",
    line: "at_openrouter disabled true",
    cause: "key.*",
    fix: null,
    undo: "at_openrouter disabled false",
  },
  {
    name: "the limit raised",
    line: "at_openrouter limit 300",
    cause: "key.limit",
    fix: null,
    undo: "at_openrouter limit 30",
  },
  {
    name: "the limit removed",
    line: "at_openrouter limit null",
    cause: "key.limit",
    fix: null,
    undo: "at_openrouter limit 30",
  },
];
