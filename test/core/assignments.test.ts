import { assignments } from "../../lib/core/assignments";

test("names and values are told apart by the first sign, and what has no name is left out", () => {
  expect(assignments(["A=1", "B=x=y", "C=", "=nameless", "nothing", "", "A=2"])).toEqual({
    A: "2",
    B: "x=y",
    C: "",
  });
});
