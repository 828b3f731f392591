import { counted, hanging, table } from "../core/text";
import { minuteOf } from "../core/time";
import { type HostResult, type HostState, type HostsReport, hostStates } from "./hosts-report";
import { type JunitCase, renderJunitSuite } from "./junit";
import { cell, cellWithFix, renderMarkdownReport } from "./markdown";
import { canvas, type Fact, type RenderOptions, renderFacts } from "./text";

/** The number of problems shown per host. */
const shownProblems = 5;

/** How each state is shown: its mark, its title, its colour. */
const shown: Record<HostState, { mark: string; title: string; colour: "red" | "yellow" | "green" }> = {
  "not-deployed": { mark: "✖", title: "not deployed", colour: "red" },
  drift: { mark: "✖", title: "drift", colour: "red" },
  failed: { mark: "✖", title: "failed", colour: "red" },
  unknown: { mark: "?", title: "unknown", colour: "red" },
  "not-applied": { mark: "!", title: "settings not deployed", colour: "yellow" },
  warning: { mark: "!", title: "warning", colour: "yellow" },
  success: { mark: "✔", title: "success", colour: "green" },
};

/** The report for a person: the hosts, the most severe first, with their problems, and a line of totals. */
export function renderHosts(report: HostsReport, options: RenderOptions): string {
  const { colours } = canvas(options);
  const paint = painter(options);
  const sorted = bySeverity(report.hosts);
  const details = sorted
    .filter(({ state }) => state !== "success")
    .flatMap((host) => renderHost(host, options));
  const well = sorted
    .filter(({ state }) => state === "success")
    .map(({ host, ...rest }) => [`${shown.success.mark} ${host}`, aboutOf(rest)]);
  const lines =
    well.length > 0
      ? table(well)
          .split("\n")
          .map((line) => paint("success", line[0] ?? "") + line.slice(1))
      : [];
  const verdict = paint(report.outcome, `${titleOf(report)}: ${totals(report)}`);
  return [...details, ...lines, "", `${colours.bold(verdict)} (${seconds(report)} s).`].join("\n");
}

function renderHost(result: HostResult, options: RenderOptions): string[] {
  const { colours, columns } = canvas(options);
  const { host, state, summary, problems, fix, since } = result;
  const paint = painter(options);
  const [first = "", ...rest] = hanging(
    `${shown[state].mark} ${host}  `,
    `${shown[state].title}: ${summary}`,
    columns,
  );
  const about = [since && `since ${minuteOf(since)}`, aboutOf(result)].filter(Boolean).join("; ");
  const told = problems.slice(0, shownProblems);
  const more = problems.length - told.length;
  return [
    paint(state, first[0] ?? "") + first.slice(1),
    ...rest,
    ...hanging("    ", about, columns, colours.dim),
    ...told.flatMap((problem) => [
      ...hanging(`    ${problem.severity.padEnd(8)}  `, `${problem.id}: ${problem.summary}`, columns),
      ...renderFacts([["fix", problem.fix] satisfies Fact], 8, { colours, columns }),
    ]),
    ...(more > 0 ? [`    and ${more} more`] : []),
    ...renderFacts([["fix", fix] satisfies Fact], 8, { colours, columns }),
    "",
  ];
}

function painter(options: RenderOptions) {
  const { colours } = canvas(options);
  return (state: HostState, text: string) => colours[shown[state].colour](text);
}

function bySeverity(hosts: readonly HostResult[]): HostResult[] {
  return [...hosts].sort((a, b) => hostStates.indexOf(a.state) - hostStates.indexOf(b.state));
}

function aboutOf({ instance, program }: Pick<HostResult, "instance" | "program">): string {
  return [instance && `instance ${instance}`, `version ${program ?? "unknown"}`].filter(Boolean).join(", ");
}

function titleOf({ command, hosts }: HostsReport): string {
  const name = `${command[0]?.toUpperCase()}${command.slice(1)}`;
  return `${name} of ${counted(hosts.length, "host")}`;
}

function totals({ hosts }: HostsReport): string {
  const counts = hostStates.map(
    (state) => [hosts.filter((host) => host.state === state).length, state] as const,
  );
  return counts
    .filter(([count]) => count > 0)
    .map(([count, state]) => `${count} ${shown[state].title}`)
    .join(", ");
}

function seconds({ durationMs }: HostsReport): string {
  return (durationMs / 1000).toFixed(1);
}

/** The report as a Markdown table. */
export function renderHostsMarkdown(report: HostsReport): string {
  return renderMarkdownReport({
    title: `${titleOf(report)}: ${totals(report)}`,
    head: ["", "Host", "Version", "Since", "What"],
    rows: bySeverity(report.hosts).map((result) => {
      const { state, host, program, since, summary, problems, fix } = result;
      const texts = problems
        .slice(0, shownProblems)
        .map(({ severity, id, summary }) => `${severity}: ${id}: ${summary}`);
      return [
        `${shown[state].mark} ${shown[state].title}`,
        cell(host),
        cell(program ?? "unknown"),
        since === undefined ? "" : cell(minuteOf(since)),
        cellWithFix(texts.length > 0 ? texts : [summary], fix ?? problems[0]?.fix),
      ];
    }),
    foot: `Started ${report.started}, took ${seconds(report)} s.`,
  });
}

/** The report as JUnit XML: a case for each host, which fails unless the host's state is success or a warning. */
export function renderHostsJunit(report: HostsReport): string {
  return renderJunitSuite({
    name: `openclaw-openrouter ${report.command}`,
    timestamp: report.started,
    time: report.durationMs / 1000,
    cases: report.hosts.map((result): JunitCase => {
      const { host, state, summary, problems, fix, durationMs } = result;
      const lines = problems.map(({ severity, id, summary }) => `${severity}: ${id}: ${summary}`);
      const message = `${shown[state].title}: ${summary}`;
      return {
        ...{ classname: report.command, name: host, time: durationMs / 1000 },
        outcome:
          state === "success" || state === "warning"
            ? { is: "passed", output: [message, ...lines].join("\n") }
            : { is: "failed", message, details: [...lines, ...(fix ? [`fix: ${fix}`] : [])].join("\n") },
      };
    }),
  });
}
