import { combine, fail, pass, skip, warn } from "../../lib/report/finding";

test("a verdict has a fix only if one is given", () => {
  expect(pass("well")).toEqual({ status: "pass", summary: "well" });
  expect(skip("needs x")).toEqual({ status: "skip", summary: "needs x" });
  expect(warn("soon")).toEqual({ status: "warn", summary: "soon" });
  expect(warn("soon", "do it")).toEqual({ status: "warn", summary: "soon", fix: "do it" });
  expect(fail("broken", "repair it")).toEqual({ status: "fail", summary: "broken", fix: "repair it" });
});

describe("verdicts together", () => {
  test("that pass have the given summary, and their own as details", () => {
    expect(combine("all is well", [pass("a"), pass("b")])).toEqual({
      status: "pass",
      summary: "all is well",
      details: ["a", "b"],
    });
    expect(combine("nothing to inspect", [])).toEqual({ status: "pass", summary: "nothing to inspect" });
  });

  test("warn if one does, with its summary and fix, and what passes as details", () => {
    expect(combine("all is well", [pass("a"), warn("b", "fix b")])).toEqual({
      status: "warn",
      summary: "b",
      details: ["a"],
      fix: "fix b",
    });
  });

  test("of many problems tell eight, and have the rest as details", () => {
    const many = Array.from({ length: 10 }, (_, number) => warn(`p${number}`, `fix ${number}`));
    expect(combine("all is well", [...many, pass("a")])).toMatchObject({
      summary: "p0; p1; p2; p3; p4; p5; p6; p7; and 2 more",
      details: ["a", "p8", "p9"],
      fix: expect.not.stringContaining("fix 8"),
    });
  });

  test("of many problems tell a failure, wherever it stands", () => {
    const many = Array.from({ length: 9 }, (_, number) => warn(`p${number}`));
    expect(combine("all is well", [...many, fail("broken", "fix it")])).toMatchObject({
      status: "fail",
      summary: "broken; p0; p1; p2; p3; p4; p5; p6; and 2 more",
      fix: "fix it",
    });
  });

  test("fail if one does, and name each fix once", () => {
    const all = [warn("a", "again"), fail("b", "again"), fail("c"), warn("d", "another")];
    expect(combine("all is well", all)).toEqual({
      status: "fail",
      summary: "a; b; c; d",
      fix: "again\nanother",
    });
  });
});
