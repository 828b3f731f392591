export { driftExitCode, driftExitCodeOfAll, driftOfAll } from "./all-instances";
export { renderDriftJunit, renderDriftMarkdown, renderDriftReport } from "./render";
