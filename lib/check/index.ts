export { isChanged, recordCheck, recordNotified } from "./last-check";
export { renderJunit } from "./render-junit";
export { renderMarkdown } from "./render-markdown";
export { renderReport } from "./render-text";
export {
  type CheckOutcome,
  type CheckReport,
  type CheckResult,
  type CheckStatus,
  reportOutcome,
} from "./report";
export { type RunChecksOptions, runChecks } from "./run-checks";
