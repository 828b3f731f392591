export { driftExitCode, driftExitCodeOfAll, driftOfAll } from "./all-instances";
export {
  renderDriftJunit,
  renderDriftMarkdown,
  renderDriftReport,
  renderFailed,
  renderFailedMarkdown,
} from "./render";
