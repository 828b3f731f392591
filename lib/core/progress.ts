/** Told what long work is at: one short line, which replaces the line before. Holds no secret. */
export type Progress = (line: string) => void;

/** For callers that show no progress. */
export const silent: Progress = () => {};
