import { plain } from "../core/plain-text";

/** One case of a suite. */
export interface JunitCase {
  readonly classname: string;
  readonly name: string;
  /** Seconds. */
  readonly time: number;
  readonly outcome:
    | { readonly is: "passed"; readonly output: string }
    | { readonly is: "skipped"; readonly message: string }
    | { readonly is: "failed"; readonly message: string; readonly details: string };
}

interface JunitSuite {
  readonly name: string;
  /** ISO 8601. */
  readonly timestamp: string;
  /** Seconds. @default the sum of the cases */
  readonly time?: number;
  readonly cases: readonly JunitCase[];
}

/** A suite as JUnit XML. */
export function renderJunitSuite({ name, timestamp, time, cases }: JunitSuite): string {
  const count = (is: JunitCase["outcome"]["is"]) => cases.filter(({ outcome }) => outcome.is === is).length;
  const seconds = time ?? cases.reduce((sum, each) => sum + each.time * 1000, 0) / 1000;
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="${escapeXml(name)}" tests="${cases.length}" failures="${count("failed")}" errors="0" skipped="${count("skipped")}" time="${seconds}" timestamp="${timestamp}">
${cases.map(renderCase).join("\n")}
  </testsuite>
</testsuites>
`;
}

function renderCase({ classname, name, time, outcome }: JunitCase): string {
  const attributes = `classname="${escapeXml(classname)}" name="${escapeXml(name)}" time="${time}"`;
  return `    <testcase ${attributes}>${renderOutcome(outcome)}</testcase>`;
}

function renderOutcome(outcome: JunitCase["outcome"]): string {
  switch (outcome.is) {
    case "passed":
      return `<system-out>${escapeXml(outcome.output)}</system-out>`;
    case "skipped":
      return `<skipped message="${escapeXml(outcome.message)}"/>`;
    case "failed":
      return `<failure message="${escapeXml(outcome.message)}">${escapeXml(outcome.details)}</failure>`;
  }
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return plain(text).replace(/[&<>"\n]/g, (sign) => entities[sign] ?? sign);
}
