import { renderHosts, renderHostsJunit, renderHostsMarkdown } from "../../lib/report/hosts-render";
import { type HostsReport, mostSevere } from "../../lib/report/hosts-report";
import { canvas } from "../../lib/report/text";

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

test("as JUnit: a case each, which fails unless the host does well or warns", () => {
  const warned = { ...report.hosts[0]!, host: "web4", state: "warning" as const, summary: "1 minor" };
  const xml = renderHostsJunit({ ...report, hosts: [...report.hosts, warned] });
  expect(xml).toContain(
    'name="openclaw-openrouter drift" tests="4" failures="2" errors="0" skipped="0" time="4.21"',
  );
  expect(xml).toContain(
    '<testcase classname="drift" name="web1" time="1.2"><system-out>success: no problem</system-out>',
  );
  expect(xml).toContain('name="web4" time="1.2"><system-out>warning: 1 minor</system-out>');
  const problem = "critical: container.stopped: The container vault of this host is stopped&#10;minor: f0";
  expect(xml).toContain(`<failure message="drift: 1 critical, 6 minor">${problem}`);
  expect(xml).toContain('<failure message="unknown: it does not answer">fix: Find out');
});

describe("each host", () => {
  const [well] = report.hosts;
  const states = ["success", "warning", "not-applied", "unknown", "failed", "drift", "not-deployed"] as const;
  const hosts = states.flatMap((state) => [
    { ...well!, host: `${state}-1`, state },
    { ...well!, host: `${state}-2`, state },
  ]);
  const all: HostsReport = { ...report, command: "check", outcome: "not-deployed", hosts };
  const { colours } = canvas({ colour: true, width: 80 });
  const titles = {
    ...{ "not-deployed": "not deployed", drift: "drift", failed: "failed", unknown: "unknown" },
    ...{ "not-applied": "settings not deployed", warning: "warning", success: "success" },
  };

  test("comes by its severity, and then as the list has it", () => {
    const heads = renderHosts(all, { colour: false, width: 80 })
      .split("\n")
      .filter((line) => /^[✖?!✔]/.test(line));
    expect(heads).toEqual([
      ...["✖ not-deployed-1  not deployed: no problem", "✖ not-deployed-2  not deployed: no problem"],
      ...["✖ drift-1  drift: no problem", "✖ drift-2  drift: no problem"],
      ...["✖ failed-1  failed: no problem", "✖ failed-2  failed: no problem"],
      ...["? unknown-1  unknown: no problem", "? unknown-2  unknown: no problem"],
      ...[
        "! not-applied-1  settings not deployed: no problem",
        "! not-applied-2  settings not deployed: no problem",
      ],
      ...["! warning-1  warning: no problem", "! warning-2  warning: no problem"],
      ...["✔ success-1  instance default, version 0.1.0", "✔ success-2  instance default, version 0.1.0"],
    ]);
  });

  test.each([
    ["not-deployed", colours.red("✖")],
    ["drift", colours.red("✖")],
    ["failed", colours.red("✖")],
    ["unknown", colours.red("?")],
    ["not-applied", colours.yellow("!")],
    ["warning", colours.yellow("!")],
    ["success", colours.green("✔")],
  ] as const)("that is %s has its colour, and so has the whole", (state, mark) => {
    const one = { ...all, outcome: state, hosts: hosts.filter((host) => host.state === state) };
    const text = renderHosts(one, { colour: true, width: 80 });
    expect(text).toContain(`${mark} ${state}-1`);
    const colour = mark.slice(0, mark.search(/[✖?!✔]/));
    expect(text).toContain(`${colour}Check of 2 hosts: 2 ${titles[state]}`);
  });

  test("shows up to five problems; where there are no more, it counts none", () => {
    const problems = Array.from({ length: 5 }, (_, index) => ({
      ...{ id: `f${index}`, severity: "minor" as const, summary: "other" },
    }));
    const one: HostsReport = { ...all, hosts: [{ ...hosts[2]!, problems }] };
    const text = renderHosts(one, { colour: false, width: 80 });
    expect(text).toContain("f4");
    expect(text).not.toContain("more");
    expect(text).toContain("Check of 1 host: 1 warning (4.2 s).");
    expect(renderHostsMarkdown(one)).toContain("| <code>minor: f0: other</code>");
  });
});

test("the whole is as severe as its most severe host, and unknown without any", () => {
  expect(mostSevere(report.hosts)).toBe("drift");
  expect(mostSevere([{ state: "success" }, { state: "unknown" }, { state: "warning" }])).toBe("unknown");
  expect(mostSevere([{ state: "success" }, { state: "warning" }])).toBe("warning");
  expect(mostSevere([])).toBe("unknown");
});
