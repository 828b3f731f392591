import { readFileSync } from "node:fs";
import { join } from "node:path";
import { renderJunit, renderMarkdown, renderReport } from "../../lib/check";
import { checks } from "../../lib/check/checks";
import { checkIds } from "../../lib/config/check-ids";
import { type CheckReport, reportOutcome } from "../../lib/report/check-report";
import { reportSchemaFiles } from "../../lib/report/json-schemas";
import { root } from "./support";

const report: CheckReport = {
  version: 1,
  instance: "default",
  started: "2026-11-23T12:00:00.000Z",
  results: [
    {
      id: "vault.reachable",
      status: "pass",
      summary: "Vault 1.21.2 answers at http://127.0.0.1:8200",
      why: "w",
      durationMs: 12,
    },
    {
      id: "budget.spent",
      status: "warn",
      summary:
        "13.00 USD (11.30 EUR at 1.15 of 2025-11-03) this month: the alert at 10 EUR is reached, the hard limit is 30 EUR",
      why: "An agent that runs wild shows in the money first.",
      fix: "See what spent it at https://openrouter.ai/activity, and stop that agent.",
      durationMs: 50,
    },
    {
      id: "chat.default",
      status: "fail",
      summary: 'OpenRouter | says <b>"no"</b> & *more*',
      why: "This is what OpenClaw does all day.",
      fix: "First this.\nThen that.",
      durationMs: 1500,
      costUsd: 0.0001,
    },
    {
      id: "chat.fallback",
      status: "skip",
      summary: "needs key.valid, which failed",
      why: "w",
      durationMs: 0,
    },
  ],
  outcome: "fail",
  costUsd: 0.0001,
};

test("a report as a person reads it, at 80 columns", () => {
  expect(renderReport(report, { colour: false, width: 80 })).toMatchInlineSnapshot(`
    "✔ vault.reachable  Vault 1.21.2 answers at http://127.0.0.1:8200
    ! budget.spent     13.00 USD (11.30 EUR at 1.15 of 2025-11-03) this month: the
                       alert at 10 EUR is reached, the hard limit is 30 EUR
        why   An agent that runs wild shows in the money first.
        fix   See what spent it at https://openrouter.ai/activity, and stop that
              agent.
    ✖ chat.default     OpenRouter | says <b>"no"</b> & *more*
        why   This is what OpenClaw does all day.
        fix   First this.
              Then that.
    – chat.fallback    needs key.valid, which failed

    Check failed: 1 passed, 1 warned, 1 failed, 1 not tried; cost 0.0001 USD."
  `);
});

test.each([80, 120])("no line is longer than %d columns", (width) => {
  for (const line of renderReport(report, { colour: false, width }).split("\n")) {
    expect(line.length).toBeLessThanOrEqual(width);
  }
});

test("colours change nothing but colours", () => {
  const coloured = renderReport(report, { colour: true, width: 80 });
  // biome-ignore lint/suspicious/noControlCharactersInRegex: it is what colours begin with.
  expect(coloured.replace(/\u001b\[\d+m/g, "")).toBe(renderReport(report, { colour: false, width: 80 }));
  expect(coloured).toContain("\u001b[31m✖");
});

test("JUnit", () => {
  expect(renderJunit(report, false)).toMatchInlineSnapshot(`
    "<?xml version="1.0" encoding="UTF-8"?>
    <testsuites>
      <testsuite name="openclaw-openrouter check" tests="4" failures="1" errors="0" skipped="1" time="1.562" timestamp="2026-11-23T12:00:00.000Z">
        <testcase classname="default" name="vault.reachable" time="0.012"><system-out>Vault 1.21.2 answers at http://127.0.0.1:8200</system-out></testcase>
        <testcase classname="default" name="budget.spent" time="0.05"><system-out>warning: 13.00 USD (11.30 EUR at 1.15 of 2025-11-03) this month: the alert at 10 EUR is reached, the hard limit is 30 EUR&#10;An agent that runs wild shows in the money first.&#10;See what spent it at https://openrouter.ai/activity, and stop that agent.</system-out></testcase>
        <testcase classname="default" name="chat.default" time="1.5"><failure message="OpenRouter | says &lt;b&gt;&quot;no&quot;&lt;/b&gt; &amp; *more*">This is what OpenClaw does all day.&#10;First this.&#10;Then that.</failure></testcase>
        <testcase classname="default" name="chat.fallback" time="0"><skipped message="needs key.valid, which failed"/></testcase>
      </testsuite>
    </testsuites>
    "
  `);
  expect(renderJunit(report, true)).toContain('failures="2"');
});

test("Markdown", () => {
  expect(renderMarkdown(report)).toMatchInlineSnapshot(`
    "### Check of the instance default: fail

    | | Check | Summary |
    | --- | --- | --- |
    | ✅ pass | vault.reachable | <code>Vault 1.21.2 answers at http&#58;//127.0.0.1&#58;8200</code> |
    | ⚠️ warn | budget.spent | <code>13.00 USD (11.30 EUR at 1.15 of 2025-11-03) this month: the alert at 10 EUR is reached, the hard limit is 30 EUR</code><br>**Fix:** <code>See what spent it at https&#58;//openrouter.ai/activity, and stop that agent.</code> |
    | ❌ fail | chat.default | <code>OpenRouter &#124; says &#60;b&#62;"no"&#60;/b&#62; &#38; &#42;more&#42;</code><br>**Fix:** <code>First this.</code><br><code>Then that.</code> |
    | ➖ skip | chat.fallback | <code>needs key.valid, which failed</code> |

    Started 2026-11-23T12:00:00.000Z, cost 0.0001 USD.
    "
  `);
});

test.each([
  [["pass", "skip"], "pass"],
  [["pass", "warn", "skip"], "warn"],
  [["warn", "fail"], "fail"],
  [["skip", "skip"], "fail"],
  [[], "fail"],
] as const)("%j together are %s", (statuses, outcome) => {
  expect(reportOutcome(statuses.map((status) => ({ status })))).toBe(outcome);
});

test("the committed schema is the one of the report", () => {
  // Stale? Run `npm run generate`.
  const file = "docs/check-report.schema.json";
  expect(readFileSync(join(root, file), "utf8")).toBe(reportSchemaFiles()[file]);
});

test("every id has a check, in that order, and needs only those before it", () => {
  expect(checks.map(({ id }) => id)).toEqual(checkIds);
  checks.forEach(({ needs }, index) => {
    for (const need of needs) expect(checkIds.indexOf(need)).toBeLessThan(index);
  });
});
