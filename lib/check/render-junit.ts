import type { CheckReport, CheckResult } from "./report";

/**
 * The report as JUnit's XML, as CI systems read it. A warning passes, with what was seen as output.
 * @param strict whether a warning is a failure
 */
export function renderJunit({ instance, started, results }: CheckReport, strict: boolean): string {
  const failed = ({ status }: CheckResult) => status === "fail" || (strict && status === "warn");
  const skipped = results.filter(({ status }) => status === "skip").length;
  const seconds = results.reduce((sum, { durationMs }) => sum + durationMs, 0) / 1000;
  const cases = results.map((result) => {
    const { id, status, seen, durationMs } = result;
    const content =
      status === "skip"
        ? `<skipped message="${escapeXml(seen)}"/>`
        : failed(result)
          ? `<failure message="${escapeXml(seen)}">${escapeXml(advice(result))}</failure>`
          : `<system-out>${escapeXml(status === "warn" ? `warning: ${seen}\n${advice(result)}` : seen)}</system-out>`;
    return `    <testcase classname="${escapeXml(instance)}" name="${id}" time="${durationMs / 1000}">${content}</testcase>`;
  });
  return `<?xml version="1.0" encoding="UTF-8"?>
<testsuites>
  <testsuite name="openclaw-openrouter check" tests="${results.length}" failures="${results.filter(failed).length}" errors="0" skipped="${skipped}" time="${seconds}" timestamp="${started}">
${cases.join("\n")}
  </testsuite>
</testsuites>
`;
}

function advice({ why, remedy }: CheckResult): string {
  return remedy ? `${why}\n${remedy}` : why;
}

function escapeXml(text: string): string {
  const entities: Record<string, string> = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "\n": "&#10;",
  };
  return text.replace(/[&<>"\n]/g, (sign) => entities[sign] ?? sign);
}
