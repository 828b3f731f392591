import { renderHosts, renderHostsJunit, renderHostsMarkdown } from "../../lib/report/hosts-render";
import { type HostsReport, mostSevere } from "../../lib/report/hosts-report";

const report: HostsReport = {
  version: 1,
  command: "drift",
  started: "2026-11-29T10:00:00.000Z",
  durationMs: 4210,
  outcome: "drift",
  hosts: [
    {
      host: "web1",
      state: "success",
      summary: "no problem",
      instance: "default",
      program: "0.1.0",
      problems: [],
      durationMs: 1200,
    },
    {
      ...{
        host: "web2",
        state: "drift",
        summary: "1 critical, 6 minor",
        severity: "critical",
        durationMs: 1300,
      },
      ...{ instance: "default", program: "0.1.0", since: "2026-11-28T10:03:00.000Z" },
      problems: [
        {
          ...{
            id: "container.stopped",
            severity: "critical",
            summary: "The container vault of this host is stopped",
          },
          fix: "openclaw-openrouter drift --fix",
        },
        ...Array.from({ length: 6 }, (_, index) => ({
          id: `f${index}`,
          severity: "minor" as const,
          summary: "|<b>",
        })),
      ],
    },
    {
      ...{ host: "a-host-with-a-long-name.example.com", state: "unknown", summary: "it does not answer" },
      ...{
        problems: [],
        fix: "Find out whether it is on, and reached from here, until this works: ssh web3 true",
        durationMs: 15000,
      },
    },
  ],
};

test("as a person reads it, at 80 columns: the most severe first", () => {
  const text = renderHosts(report, { colour: false, width: 80 });
  expect(text).toMatchInlineSnapshot(`
    "✖ web2  drift: 1 critical, 6 minor
        since 2026-11-28 10:03 UTC; instance default, version 0.1.0
        critical  container.stopped: The container vault of this host is stopped
        fix       openclaw-openrouter drift --fix
        minor     f0: |<b>
        minor     f1: |<b>
        minor     f2: |<b>
        minor     f3: |<b>
        and 2 more

    ? a-host-with-a-long-name.example.com  unknown: it does not answer
        version unknown
        fix       Find out whether it is on, and reached from here, until this
                  works: ssh web3 true

    ✔ web1  instance default, version 0.1.0

    Drift of 3 hosts: 1 drift, 1 unknown, 1 success (4.2 s)."
  `);
  expect(text.split("\n").filter((line) => line.length > 80)).toEqual([]);
});

test("as Markdown, in which nothing of a host is markup", () => {
  expect(renderHostsMarkdown(report)).toMatchInlineSnapshot(`
    "### Drift of 3 hosts: 1 drift, 1 unknown, 1 success

    | | Host | Version | Since | What |
    | --- | --- | --- | --- | --- |
    | ✖ drift | <code>web2</code> | <code>0.1.0</code> | <code>2026-11-28 10&#58;03 UTC</code> | <code>critical: container.stopped: The container vault of this host is stopped</code><br><code>minor: f0: &#124;&#60;b&#62;</code><br><code>minor: f1: &#124;&#60;b&#62;</code><br><code>minor: f2: &#124;&#60;b&#62;</code><br><code>minor: f3: &#124;&#60;b&#62;</code><br>**Fix:** <code>openclaw-openrouter drift --fix</code> |
    | ? unknown | <code>a-host-with-a-long-name.example.com</code> | <code>unknown</code> | | <code>it does not answer</code><br>**Fix:** <code>Find out whether it is on, and reached from here, until this works: ssh web3 true</code> |
    | ✔ success | <code>web1</code> | <code>0.1.0</code> | | <code>no problem</code> |

    Started 2026-11-29T10:00:00.000Z, took 4.2 s.
    "
  `);
});

test("as JUnit: what is unknown has failed", () => {
  const xml = renderHostsJunit(report);
  expect(xml).toContain('tests="3" failures="2"');
  expect(xml).toContain('<failure message="unknown: it does not answer">');
});

test("the whole is as severe as its most severe host, and unknown without any", () => {
  expect(mostSevere(report.hosts)).toBe("drift");
  expect(mostSevere([{ state: "success" }, { state: "unknown" }, { state: "warning" }])).toBe("unknown");
  expect(mostSevere([{ state: "success" }, { state: "warning" }])).toBe("warning");
  expect(mostSevere([])).toBe("unknown");
});
