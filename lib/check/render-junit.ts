import { type JunitCase, renderJunitSuite } from "../report/junit";
import type { CheckReport, CheckResult } from "./report";

/**
 * The report as JUnit XML for CI systems. A warning passes, with its text as output.
 * @param strict whether a warning is a failure
 */
export function renderJunit({ instance, started, results }: CheckReport, strict: boolean): string {
  const cases = results.map((result) => ({
    classname: instance,
    name: result.id,
    time: result.durationMs / 1000,
    outcome: outcomeOf(result, strict),
  }));
  return renderJunitSuite({ name: "openclaw-openrouter check", timestamp: started, cases });
}

function outcomeOf(result: CheckResult, strict: boolean): JunitCase["outcome"] {
  const { status, summary } = result;
  if (status === "skip") return { is: "skipped", message: summary };
  if (status === "fail" || (strict && status === "warn"))
    return { is: "failed", message: summary, details: advice(result) };
  return { is: "passed", output: status === "warn" ? `warning: ${summary}\n${advice(result)}` : summary };
}

function advice({ why, fix }: CheckResult): string {
  return fix ? `${why}\n${fix}` : why;
}
