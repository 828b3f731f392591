import { defined } from "../../lib/core/defined";

test("an object keeps its fields, but not the undefined ones", () => {
  const fields = defined({ a: 1, b: undefined as string | undefined, c: null, d: "", e: false });
  expect(Object.keys(fields)).toEqual(["a", "c", "d", "e"]);
  expect({ b: "default", ...fields }.b).toBe("default");
});
