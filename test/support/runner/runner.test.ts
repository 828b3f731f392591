import { existsSync } from "node:fs";
import { parseArguments } from "./arguments";
import { isEndToEnd, longestFirst, selectFiles } from "./files";
import { type FileResult, skippedByReason, summary } from "./results";
import { readTimes } from "./times";

const select = (...argv: string[]) => selectFiles(parseArguments(argv), { "test/e2e/check.test.ts": 30 });

describe("what is run", () => {
  test("everything by default, each file once, apart by what it needs", () => {
    const { unit, endToEnd } = select();
    expect(unit).toContain("test/support/runner/runner.test.ts");
    expect(endToEnd).toContain("test/e2e/check.test.ts");
    expect(endToEnd.every(isEndToEnd)).toBe(true);
    expect(unit.some(isEndToEnd)).toBe(false);
    expect(new Set([...unit, ...endToEnd]).size).toBe(unit.length + endToEnd.length);
  });

  test("the files of some patterns, of both kinds", () => {
    expect(select("./test/e2e/check.test.ts", "runner/runner")).toEqual({
      unit: ["test/support/runner/runner.test.ts"],
      endToEnd: ["test/e2e/check.test.ts"],
    });
  });

  test("--unit leaves the end-to-end tests out", () => {
    expect(select("--unit", "e2e/check\\.|runner/runner").endToEnd).toEqual([]);
  });

  test.each([
    [["--unitt"], "--unitt is no option of the tests; there are --full, --unit, --changed, --record-times"],
    [["no/such/file"], "no test file matches no/such/file"],
    [["--unit", "e2e/check\\."], "only end-to-end tests match, and --unit leaves them out"],
    [["("], "Unterminated group"],
  ])("%j is refused, not passed as nothing to do", (argv, problem) => {
    expect(() => select(...argv)).toThrow(problem);
  });
});

test("the longest are begun first, those without a time before them", () => {
  const paths = ["short", "new", "long", "newer"];
  expect(longestFirst(paths, { short: 1, long: 9 })).toEqual(["new", "newer", "long", "short"]);
});

test.each([false, true])("the recorded times are of files that exist (--full: %j)", (full) => {
  expect(Object.keys(readTimes(full)).filter((path) => !existsSync(path))).toEqual([]);
});

describe("what is reported at the end", () => {
  const result = (path: string, fields: Partial<FileResult>): FileResult => ({
    path,
    seconds: 0,
    passed: 0,
    failed: 0,
    skipped: [],
    tests: [],
    ...fields,
  });

  test("the sums, the slowest, and why tests were skipped", () => {
    const results = [
      result("quick", { seconds: 1, passed: 3, tests: [{ name: "of a moment", seconds: 1 }] }),
      result("slow", {
        seconds: 41.25,
        cpu: 12.5,
        passed: 1,
        failed: 1,
        tests: [{ name: "waits", seconds: 40 }],
        skipped: ["a table [skipped: only in full] row 1", "b [skipped: only in full]", "c"],
      }),
    ];
    expect(summary(results, 1)).toMatchInlineSnapshot(`
      "The slowest files:
         41.3 s  slow (12.5 s of CPU)
      The slowest tests:
         40.0 s  slow: waits
      Skipped:
            2    only in full
            1    c

      4 passed, 1 failed, 3 skipped"
    `);
  });

  test("reasons are counted, most first; a test without one stands by its name", () => {
    expect(skippedByReason(["x [skipped: why]", "of its own", "y [skipped: why] z"])).toEqual([
      ["why", 2],
      ["of its own", 1],
    ]);
  });
});
