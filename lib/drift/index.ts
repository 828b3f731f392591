export { driftExitCode, driftExitCodeOfAll, driftOfAll } from "./all-instances";
export { renderDriftJunit, renderDriftMarkdown, renderDriftReport, renderFailedMarkdown } from "./render";
