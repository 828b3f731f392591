import type { HomePaths } from "../model/home-paths";
import type { CheckResult } from "../report/check-report";
import { problemsSince } from "../store/history";

/** Adds to the problems of a check since when the scheduled checks find them, if the host has any. */
export function withSince(home: HomePaths, results: readonly CheckResult[]): CheckResult[] {
  const ids = results.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id);
  const since = problemsSince(home, ids);
  return results.map((result) => {
    const at = since.get(result.id);
    return at === undefined ? result : { ...result, since: at };
  });
}
