import { z } from "zod";
import { checkReport } from "./check-report";
import { driftReport } from "./drift-report";
import { severities } from "./finding";

/** What is taken of a host's `status --json`. */
const remoteStatus = z.object({
  version: z.literal(1),
  instance: z.string(),
  program: z.string().exactOptional(),
  deployedAt: z.string().exactOptional(),
  vault: z.object({
    address: z.string(),
    version: z.string().exactOptional(),
    sealed: z.boolean().exactOptional(),
    kind: z.enum(["own", "external"]),
    joinedAs: z.string().exactOptional(),
  }),
  key: z.object({ label: z.string().exactOptional(), fingerprint: z.string().exactOptional() }),
  lastCheck: z.object({ at: z.string(), outcome: z.enum(["pass", "warn", "fail"]) }).exactOptional(),
  schedules: z.array(z.string()),
});
export type RemoteStatus = z.output<typeof remoteStatus>;

const problem = z.object({
  id: z.string().describe("Of the finding, in the host's own report."),
  severity: z.enum(severities),
  summary: z.string(),
  since: z.string().exactOptional().describe("The time since when it is so, if the host knows it, ISO 8601."),
  fix: z.string().exactOptional().describe("How to fix it; a command in it is run on that host."),
});
export type RemoteProblem = z.output<typeof problem>;

/** The states of a host, the most severe first. */
export const hostStates = [
  "not-deployed",
  "drift",
  "failed",
  "unknown",
  "not-applied",
  "warning",
  "success",
] as const;
export type HostState = (typeof hostStates)[number];

const hostResult = z.object({
  host: z.string().describe("Its name in the list: nothing that the host says about itself."),
  state: z
    .enum(hostStates)
    .describe(
      "`unknown`: it did not answer, or its answer is not to be relied on; `summary` has the reason.",
    ),
  summary: z.string(),
  severity: z.enum(severities).exactOptional().describe("Of the most severe problem."),
  since: z.string().exactOptional().describe("Of the oldest problem of that severity, if known, ISO 8601."),
  instance: z.string().exactOptional(),
  program: z.string().exactOptional().describe("The version of the program there."),
  problems: z.array(problem).describe("The most severe first, up to 100."),
  fix: z
    .string()
    .exactOptional()
    .describe("How to get an answer from it; only with `unknown` and `not-deployed`."),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
});
export type HostResult = z.output<typeof hostResult>;

/** The output of `check`, `drift` or `status` with `--hosts` and `--json`. A removed or changed field raises the version. */
export const hostsReport = z.object({
  version: z.literal(1),
  command: z.enum(["check", "drift", "status"]),
  started: z.iso.datetime(),
  durationMs: z.number().nonnegative().describe("Milliseconds."),
  outcome: z.enum(hostStates).describe("The most severe state of all hosts."),
  hosts: z.array(hostResult).describe("In the order of the list."),
});
export type HostsReport = z.output<typeof hostsReport>;
export type RemoteCommand = HostsReport["command"];

/** A check's report of another version of the program, which can have other checks. */
const remoteCheck = checkReport.extend({
  results: z.array(checkReport.shape.results.element.extend({ id: z.string() })),
});
export type RemoteCheck = z.output<typeof remoteCheck>;

/** What each command's report looks like on a host. */
export const remoteReports = { check: remoteCheck, drift: driftReport, status: remoteStatus } as const;

/** The most severe state of some hosts. */
export function mostSevere(hosts: readonly Pick<HostResult, "state">[]): HostState {
  return hostStates.find((state) => hosts.some((host) => host.state === state)) ?? "unknown";
}
