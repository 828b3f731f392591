import { phaseRunner, withProgressLine } from "../../lib/cli/phases";
import { clean, namingInstance } from "../../lib/report/clean";
import type { Judged } from "../../lib/report/finding";
import { cell, renderMarkdownReport } from "../../lib/report/markdown";
import { terminal } from "../../lib/report/terminal";
import { canvas, renderFacts, renderResults } from "../../lib/report/text";
import { capturePrinted } from "../support/printed";

const { colours } = canvas({ colour: true, width: 80 });

describe("colours", () => {
  test("make the fix stand out among the facts; a fact without a text has no line", () => {
    const facts = [
      ["why", "because"],
      ["since", undefined],
      ["fix", "first\nthen"],
    ] as const;
    expect(renderFacts(facts, 4, { colours, columns: 80 })).toEqual([
      `    why   ${colours.dim("because")}`,
      `    fix   ${colours.cyan("first")}`,
      `          ${colours.cyan("then")}`,
    ]);
  });

  test("dim what was skipped, and only that", () => {
    const results: Judged[] = [
      { id: "a", status: "skip", summary: "needs b" },
      { id: "b", status: "pass", summary: "well" },
    ];
    const [skipped, passed] = renderResults(results, { colour: true, width: 80 });
    expect(skipped).toContain(colours.dim("needs b"));
    expect(passed).toContain("b  well");
    expect(passed).toContain(colours.green("✔"));
  });
});

describe("the terminal", () => {
  const { isTTY, columns } = process.stderr;
  const { NO_COLOR, TERM } = process.env;
  const set = (terminal: boolean, width: number | undefined, plain?: string, kind = "xterm") => {
    process.env.TERM = kind;
    Object.assign(process.stderr, { isTTY: terminal, columns: width });
    if (plain === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = plain;
  };
  afterEach(() => {
    Object.assign(process.stderr, { isTTY, columns });
    if (TERM === undefined) delete process.env.TERM;
    else process.env.TERM = TERM;
    if (NO_COLOR === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = NO_COLOR;
  });

  test.each<[boolean, number | undefined, string | undefined, object]>([
    [true, 120, undefined, { colour: true, width: 120 }],
    [true, 120, "1", { colour: false, width: 120 }],
    [true, 120, "", { colour: true, width: 120 }],
    [false, undefined, undefined, { colour: false, width: 80 }],
    [true, 0, undefined, { colour: true, width: 80 }],
  ])("a terminal: %s, of %s columns, NO_COLOR=%s", (isTerminal, width, plain, expected) => {
    set(isTerminal, width, plain);
    expect(terminal()).toEqual(expected);
  });

  test("a dumb one, such as a shell in an editor, gets neither colours nor lines that are redrawn", async () => {
    set(true, 120, undefined, "dumb");
    const printed = capturePrinted();
    expect(terminal().colour).toBe(false);
    await withProgressLine(async (progress) => progress("one of two"));
    await phaseRunner()("Host", async (progress) => progress("one of two"));
    jest.restoreAllMocks();
    expect(printed.err).toBe("✔ Host\n");
  });
});

describe("Markdown", () => {
  test("a cell has each line as code, without blanks around it and without empty lines", () => {
    expect(cell("  one \n\n two|three")).toBe("<code>one</code><br><code>two&#124;three</code>");
    expect(cell("")).toBe("");
  });

  test("a report without rows has no table", () => {
    const report = { title: "T", head: ["a"], foot: "end" };
    expect(renderMarkdownReport({ ...report, rows: [] })).toBe("### T\n\nend\n");
    expect(renderMarkdownReport({ ...report, rows: [["x"]], asides: ["y"] })).toBe(
      "### T\n\n| a |\n| --- |\n| x |\n\n- <code>y</code>\n\nend\n",
    );
  });
});

test("a text of a report holds neither the key nor control characters", () => {
  const key = `sk-or-v1-${"0123456789abcdef".repeat(4)}`;
  const text = clean(`\u001b[31mrefused: ${key}`, key);
  expect(text).toContain("refused");
  expect(text).not.toContain(key.slice(9));
  expect(text).not.toContain("\u001b");
});

test("the default instance is not named in a command", () => {
  expect(namingInstance("default", "openclaw-openrouter up")).toBe("openclaw-openrouter up");
});
