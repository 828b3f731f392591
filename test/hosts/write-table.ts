import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { packageRoot } from "../../lib/core/system/package-root";
import type { Results, StepResult } from "./results";
import type { HostRow } from "./row";
import { rows } from "./rows";
import { steps } from "./steps";

const begin = "<!-- hosts: written by `npm run test:hosts` -->";
const end = "<!-- end of hosts -->";
/** The page that has the table. */
export const compatibilityPage = "docs/compatibility.md";

/** Writes what was seen into the page, between its markers. */
export function writeTable(results: Results): void {
  const path = join(packageRoot(), compatibilityPage);
  writeFileSync(path, replaceTable(readFileSync(path, "utf8"), renderTable(results)));
}

/** @throws Error if the page has no such place */
export function replaceTable(page: string, table: string): string {
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from === -1 || to < from) throw new Error(`${compatibilityPage} has not the lines\n${begin}\n${end}`);
  return `${page.slice(0, from + begin.length)}\n\n${table}\n\n${page.slice(to)}`;
}

const signs: Readonly<Record<StepResult["status"], string>> = {
  works: "✔",
  refused: "refused",
  failed: "**failed**",
  "not tried": "–",
};

/** Only what was run is told; a row that was not says so. */
export function renderTable(results: Results, table: readonly HostRow[] = rows): string {
  const seen = table.filter(({ name }) => results[name]);
  return [
    "| No. | Host | Deploys | Gateway | From | What it is | Seen |",
    "| ---: | --- | --- | --- | --- | --- | --- |",
    ...table.map(({ name, deployer, gateway, from, because }, index) => {
      const result = results[name];
      const host = result ? `${result.host}: ${because}` : because;
      return `| ${[index + 1, name, deployer, gateway, from, host, result?.day ?? "not run yet"].join(" | ")} |`;
    }),
    "",
    // Their names side by side would be wider than a page.
    `| | ${seen.map((row) => table.indexOf(row) + 1).join(" | ")} |`,
    `| --- |${" --- |".repeat(seen.length)}`,
    ...steps.map(({ id, title }) => {
      const cells = seen.map(({ name }) => signs[results[name]?.steps[id]?.status ?? "not tried"]);
      return `| ${title} | ${cells.join(" | ")} |`;
    }),
    "",
    "Why a line was not tried, was refused or failed:",
    "",
    ...reasons(results, seen),
  ].join("\n");
}

/** The most steps that a reason names. */
const named = 6;

/** Why steps were not tried, were refused or failed: each reason once, with the rows and the steps of which it is true. */
function reasons(results: Results, seen: readonly HostRow[]): string[] {
  const byReason = new Map<string, string[]>();
  for (const { id, title } of steps) {
    for (const [note, names] of rowsByNote(results, seen, id)) {
      const reason = `${names.join(", ")}: ${note.replace(/\.$/, "")}`;
      byReason.set(reason, [...(byReason.get(reason) ?? []), title.split(/[:,;] /)[0]!]);
    }
  }
  return [...byReason].map(([reason, titles]) => {
    const all = titles.length > named ? `${titles.length} of the ${steps.length} lines` : titles.join("; ");
    return `- ${reason} (${all})`;
  });
}

/** The rows for which a step did not work, by the reason. */
function rowsByNote(results: Results, seen: readonly HostRow[], id: string): Map<string, string[]> {
  const byNote = new Map<string, string[]>();
  for (const { name } of seen) {
    const step = results[name]?.steps[id];
    if (step?.status === "works") continue;
    const note = step?.note ?? "the run ended before";
    byNote.set(note, [...(byNote.get(note) ?? []), name]);
  }
  return byNote;
}
