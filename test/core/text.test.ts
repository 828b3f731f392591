import { table } from "../../lib/core/text";

test("a table has columns as wide as their widest cell, and no blank at the end of a line", () => {
  expect(
    table([
      ["role", "model", "listed"],
      ["fallback", "a/b", ""],
      ["a", "much/longer", "no"],
    ]),
  ).toBe("role      model        listed\nfallback  a/b\na         much/longer  no");
  expect(table([])).toBe("");
});
