import { defined } from "../../core/defined";
import { ExitCode } from "../../core/exit-codes";
import { plain } from "../../core/plain-text";
import type { RunResult } from "../../core/system/process";
import { shortened } from "../../core/text";
import { firstInOutput } from "../../openclaw/gateway/json-in-output";
import { oneLine, scrub } from "../../openrouter/scrub";
import { reportOutcome } from "../../report/check-report";
import { type DriftReport, outcomeOf } from "../../report/drift-report";
import { errorReport } from "../../report/error-report";
import { bySeverity, severities } from "../../report/finding";
import {
  type HostResult,
  type HostState,
  type RemoteCheck,
  type RemoteCommand,
  type RemoteProblem,
  type RemoteStatus,
  remoteReports,
} from "../../report/hosts-report";
import type { Destination } from "./destinations";
import { explainFailure, explainMissing, explainSsh, lastLine, type NoAnswer } from "./explain";

/** What was asked of a host. */
export interface Asked {
  readonly command: RemoteCommand;
  /** `--instance`. @default the host chooses */
  readonly instance?: string;
  /** Whether a warning is a failure. @default false */
  readonly strict?: boolean;
}

type Judged = Omit<HostResult, "host" | "durationMs">;

/** What a report comes to, and the exit codes with which it is believed. */
interface Verdict {
  readonly state: HostState;
  readonly problems: readonly RemoteProblem[];
  readonly exitCodes: readonly number[];
  readonly summary?: string;
}

/** The exit code with which ssh itself failed: the program has none so high. */
const sshFailed = 255;
/** A shell found no program, or could not run it. */
const notFound = [126, 127];

/**
 * Judges what a host answered. It is foreign text: only what the report's schema has is taken, the outcome is computed again,
 * and an answer that contradicts itself is no answer.
 */
export function judge(asked: Asked, destination: Destination, result: RunResult): Judged {
  const { exitCode, failure, stderr } = result;
  if (exitCode === undefined) return unknown(explainFailure(failure ?? "it was ended", destination));
  if (exitCode === sshFailed) return unknown(explainSsh(stderr, destination));
  if (exitCode === ExitCode.NotDeployed)
    return {
      ...unknown({ summary: "nothing is deployed there", fix: "Run there: openclaw-openrouter up" }),
      state: "not-deployed",
    };
  const parsed = reportIn(asked.command, result.stdout);
  if (parsed === undefined) {
    if (notFound.includes(exitCode)) return unknown(explainMissing(result, destination));
    return withoutReport(asked, exitCode, result);
  }
  return judgeReport(asked, exitCode, parsed);
}

type Reports = { check: RemoteCheck; drift: DriftReport; status: RemoteStatus };
type Parsed = { [C in RemoteCommand]: { command: C; report: Reports[C] } }[RemoteCommand];

function reportIn(command: RemoteCommand, stdout: string): Parsed | undefined {
  const report = firstInOutput(stdout, remoteReports[command]);
  return report && ({ command, report } as Parsed);
}

function judgeReport(asked: Asked, exitCode: number, parsed: Parsed): Judged {
  const { instance, program } = parsed.report;
  const { state, problems, exitCodes, summary } = verdictOf(parsed, asked.strict === true);
  // On one line: the report has one for each host that is well, and a break in it would look like another host's.
  const about = {
    instance: oneLine(instance, ""),
    ...(program === undefined ? {} : { program: oneLine(program, "") }),
  };
  const refused = (why: string, fix: string) => ({ ...unknown({ summary: why, fix }), ...about });
  if (asked.instance !== undefined && instance !== asked.instance)
    return refused(
      "its report is about another instance",
      `Run it there: ${asked.command} -i ${asked.instance}`,
    );
  if (!exitCodes.includes(exitCode))
    return refused(
      `its report and its exit code ${exitCode} contradict each other`,
      "See what it prints there; a command in authorized_keys must end with the program's own exit code",
    );
  const sorted = problems.map(cleanedProblem).sort(bySeverity);
  const severity = sorted[0]?.severity;
  const [since] = sorted
    .filter((each) => each.severity === severity)
    .flatMap((each) => each.since ?? [])
    .sort();
  return {
    ...about,
    state,
    summary: summary ?? (state === "success" ? "no problem" : countOf(sorted)),
    problems: sorted.slice(0, mostProblems),
    ...defined({ severity, since }),
  };
}

function verdictOf(parsed: Parsed, strict: boolean): Verdict {
  if (parsed.command === "check") return ofCheck(parsed.report, strict);
  return parsed.command === "drift" ? ofDrift(parsed.report) : ofStatus(parsed.report);
}

function ofCheck({ results, outcome }: RemoteCheck, strict: boolean): Verdict {
  const problems = results.flatMap(({ id, status, summary, fix, since }): RemoteProblem[] =>
    status === "fail" || status === "warn"
      ? [{ id, severity: status === "fail" ? "major" : "minor", summary, ...defined({ fix, since }) }]
      : [],
  );
  const isTrue = reportOutcome(results) === outcome;
  const isFailure = outcome === "fail" || (strict && outcome === "warn");
  const state = isFailure ? "failed" : outcome === "warn" ? "warning" : "success";
  return { state, problems, exitCodes: isTrue ? [isFailure ? ExitCode.Failed : ExitCode.Ok] : [] };
}

const ofOutcome = {
  clean: { state: "success", code: ExitCode.Ok },
  drift: { state: "drift", code: ExitCode.Drift },
  "not-applied": { state: "not-applied", code: ExitCode.NotApplied },
  undetermined: { state: "unknown", code: ExitCode.Failed },
} as const;

function ofDrift({ findings, skipped, outcome }: DriftReport): Verdict {
  const { state, code } = ofOutcome[outcome];
  const isTrue = outcomeOf(findings, skipped) === outcome;
  const first = skipped.find(({ known }) => !known);
  return {
    state,
    problems: findings.map(({ id, severity, summary, since, fix }) => ({
      ...{ id, severity, summary, fix: fix.command },
      ...defined({ since }),
    })),
    exitCodes: isTrue ? [code] : [],
    ...(outcome === "undetermined" && first
      ? { summary: cleaned(`it could not be determined: ${first.what} was skipped, since ${first.because}`) }
      : {}),
  };
}

function ofStatus({ vault, lastCheck, schedules, deployedAt }: RemoteStatus): Verdict {
  const problems: RemoteProblem[] = [];
  const add = (id: string, severity: RemoteProblem["severity"], summary: string, since?: string) =>
    problems.push({ id, severity, summary, ...defined({ since }) });
  if (vault.sealed === undefined)
    add("vault.reachable", "major", `Vault does not answer at ${vault.address}`);
  else if (vault.sealed) add("vault.unsealed", "major", "Vault is sealed");
  if (lastCheck?.outcome === "fail") add("check", "major", "the last check failed", lastCheck.at);
  if (lastCheck?.outcome === "warn") add("check", "minor", "the last check warned", lastCheck.at);
  if (deployedAt === undefined) add("deployed", "minor", "no deploy was completed");
  for (const each of schedules) add("schedules", "minor", each);
  const isMajor = problems.some(({ severity }) => severity === "major");
  return {
    state: isMajor ? "failed" : problems.length > 0 ? "warning" : "success",
    problems,
    exitCodes: [ExitCode.Ok],
  };
}

/** It ended without a report that can be read. Without an error as JSON, its last line says why. */
function withoutReport({ command }: Asked, exitCode: number, { stdout, stderr }: RunResult): Judged {
  const error = firstInOutput(stdout, errorReport)?.error;
  if (error) {
    const { problem, got, fix = "Run it there." } = error;
    return unknown({ summary: [problem, got].filter(Boolean).join(" Got: "), fix: cleaned(fix) });
  }
  const said = lastLine(stderr);
  if (exitCode === ExitCode.WrongUsage)
    return unknown({
      summary: `its program does not take this command: ${said}`,
      fix: "Bring it to the version of this one, and run `up` there.",
    });
  if (exitCode !== ExitCode.Ok && stdout.trim() === "")
    return unknown({ summary: said, fix: "Run it there." });
  return unknown({
    summary: `it printed something else than the report of ${command}`,
    fix: "See whether its program has the version of this one, and which command its authorized_keys runs.",
  });
}

function unknown({ summary, fix }: NoAnswer): Judged {
  return { state: "unknown", summary: cleaned(summary), fix, problems: [] };
}

/** How many problems of a host are taken: its own report has all. */
const mostProblems = 100;

/** The longest text that is taken of a finding. */
const longestText = 600;

function cleaned(text: string): string {
  return shortened(scrub(plain(text), ""), longestText);
}

function cleanedProblem({ id, severity, summary, since, fix }: RemoteProblem): RemoteProblem {
  const time = Date.parse(since ?? "");
  return {
    ...{ id: cleaned(id), severity, summary: cleaned(summary) },
    ...(Number.isNaN(time) ? {} : { since: new Date(time).toISOString() }),
    ...(fix === undefined ? {} : { fix: cleaned(fix) }),
  };
}

function countOf(problems: readonly RemoteProblem[]): string {
  const counts = severities
    .map((severity) => [problems.filter((each) => each.severity === severity).length, severity] as const)
    .filter(([count]) => count > 0);
  return counts.map(([count, severity]) => `${count} ${severity}`).join(", ") || "no problem is named";
}
