export { type LastCheck, readLastCheck, recordCheck, recordPartOfCheck } from "./last-check";
export { renderJunit, renderMarkdown, renderReport } from "./render";
export { type RunChecksOptions, runChecks } from "./run-checks";
