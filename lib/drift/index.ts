export { renderDriftReport } from "./render-text";
export type { DriftOutcome, DriftReport } from "./report";
export { type RunDriftOptions, runDrift } from "./run-drift";
