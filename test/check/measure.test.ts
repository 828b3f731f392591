import type { CheckContext } from "../../lib/check/context";
import { measure } from "../../lib/check/measure";
import type { CheckResult } from "../../lib/report/check-report";

const result: CheckResult = { id: "models.known", status: "pass", summary: "", why: "", durationMs: 0 };
const entry = (id: string, more: object = {}) => ({
  id,
  canonicalSlug: id,
  name: id,
  supportedParameters: [],
  ...more,
});

test("a model whose alias stands for one that leaves, leaves with it", async () => {
  const catalogue = [
    entry("~google/flash-latest", { aliasTarget: "google/flash-3" }),
    entry("google/flash-3", { expirationDate: "2026-12-01" }),
    entry("a/stays"),
  ];
  const context = {
    parameters: { model: "~google/flash-latest", otherModels: { fallback: "a/stays" }, rotationDays: 90 },
    catalogue: async () => catalogue,
  } as unknown as CheckContext;
  expect(await measure(context, [result])).toEqual({ modelsLeave: { "~google/flash-latest": "2026-12-01" } });
});

test("what no check was asked for is not asked for here", async () => {
  expect(await measure({} as CheckContext, [{ ...result, status: "skip" }])).toBeUndefined();
});
