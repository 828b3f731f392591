export { driftExitCode, driftExitCodeOfAll, driftOfAll } from "./all-instances";
export { renderDriftJunit } from "./render-junit";
export { renderDriftMarkdown } from "./render-markdown";
export { renderDriftReport } from "./render-text";
export type { DriftReport } from "./report";
