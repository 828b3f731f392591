import { type JunitCase, renderJunitSuite } from "../../lib/report/junit";

const cases: JunitCase[] = [
  { classname: "check", name: "a", time: 0.1, outcome: { is: "passed", output: "well" } },
  { classname: "check", name: "b", time: 0.2, outcome: { is: "skipped", message: "needs a" } },
  {
    classname: "check",
    name: "c",
    time: 0.3,
    outcome: { is: "failed", message: "broken", details: "fix: do it" },
  },
  { classname: "check", name: "d", time: 0, outcome: { is: "failed", message: "gone", details: "" } },
];
const suite = { name: "the checks", timestamp: "2026-11-29T10:00:00.000Z" };

test("a suite counts its cases by outcome, and takes as long as they do together", () => {
  expect(renderJunitSuite({ ...suite, cases })).toBe(`<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="the checks" tests="4" failures="2" errors="0" skipped="1" time="0.6" timestamp="2026-11-29T10:00:00.000Z">
    <testcase classname="check" name="a" time="0.1"><system-out>well</system-out></testcase>
    <testcase classname="check" name="b" time="0.2"><skipped message="needs a"/></testcase>
    <testcase classname="check" name="c" time="0.3"><failure message="broken">fix: do it</failure></testcase>
    <testcase classname="check" name="d" time="0"><failure message="gone"></failure></testcase>
  </testsuite>
</testsuites>
`);
});

test("a given time goes before the sum", () => {
  expect(renderJunitSuite({ ...suite, time: 7.5, cases })).toContain('skipped="1" time="7.5"');
});

test("no text of a case is markup, and no control character reaches the file", () => {
  const message = `<a href="x">&\n\u001b[31m`;
  const escaped = "&lt;a href=&quot;x&quot;&gt;&amp;&#10;";
  const [one, ...rest] = cases;
  const odd = [
    { ...one!, classname: message, name: message, outcome: { is: "skipped", message } as const },
    ...rest,
  ];
  const xml = renderJunitSuite({ ...suite, name: message, cases: odd });
  expect(xml.split(escaped)).toHaveLength(5);
  expect(xml).not.toContain("\u001b");
});
