/** Receives the current step of long work: one short line without secrets, which replaces the previous line. */
export type Progress = (line: string) => void;

/** For callers that show no progress. */
export const silent: Progress = () => {};
