import { readFileSync, writeFileSync } from "node:fs";
import { availableParallelism } from "node:os";
import { join } from "node:path";
import { packageRoot } from "../../lib/core/system/package-root";
import { renderChart } from "./chart";
import type { Measure } from "./measure";
import { renderFigures } from "./table";

const begin = "<!-- figures: written by `npm run bench -- --write` -->";
const end = "<!-- end of figures -->";

/** The page that shows the figures. */
export const benchmarksPage = "docs/benchmarks.md";

/**
 * Writes what was measured into the page, between its markers, and the chart beside it.
 * @param skipped what was left out, and why
 */
export async function writeFigures(measure: Measure, skipped: readonly string[]): Promise<void> {
  const page = join(packageRoot(), benchmarksPage);
  const figures = renderFigures(measure, await describeHost(measure), skipped);
  const content = replaceFigures(readFileSync(page, "utf8"), figures);
  writeFileSync(join(packageRoot(), "docs", "figures.svg"), renderChart(measure.timings));
  writeFileSync(page, content);
}

/**
 * A page with other figures between its markers.
 * @throws Error if it has no such place
 */
export function replaceFigures(page: string, figures: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${benchmarksPage} has not the lines\n${begin}\n${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${figures}\n${page.slice(to)}`;
}

async function describeHost({ host }: Measure): Promise<string> {
  const system = /^PRETTY_NAME="?([^"\n]+)/m.exec(readFileSync("/etc/os-release", "utf8"))?.[1] ?? "Linux";
  const engine = await host.run(["docker", "version", "--format", "{{.Server.Version}}"]);
  const terraform = (await host.run(["terraform", "version"])).split("\n")[0] ?? "";
  const processors = `${availableParallelism()} processors`;
  return `${processors}, ${system}, Docker ${engine.trim()}, ${terraform.replace(" v", " ")}, Node ${process.versions.node}`;
}
