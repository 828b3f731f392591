export { driftExitCode, driftExitCodeOfAll, driftOfAll } from "./all-instances";
export { fixDrift } from "./fix";
export type { KeyDecision } from "./fix-key";
export { readBaseline, readIgnoreFile } from "./read-files";
export { renderDriftJunit } from "./render-junit";
export { renderDriftMarkdown } from "./render-markdown";
export { renderDriftReport } from "./render-text";
export type { DriftReport, ReportedFinding } from "./report";
export { type RunDriftOptions, runDrift } from "./run-drift";
