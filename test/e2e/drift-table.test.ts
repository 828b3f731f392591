import { matches } from "../../lib/drift/root-cause";
import { DriftBed } from "./support/drift-bed";
import { isLeftOver, type ScriptedDrift, scriptedDrifts } from "./support/drifts";
import { isFull, triedOf } from "./support/full";
import { encodings } from "./support/search";

/** What came of one scripted drift. */
interface Row {
  /** What a plain plan by Terraform ended with, for the table; a full run makes one. */
  readonly plain: number | undefined;
  readonly found: boolean;
  readonly cause: boolean;
  /** Undefined where nothing may be fixed. */
  readonly fixed: boolean | undefined;
}

describe("scripted drifts of a real host", () => {
  const tried = triedOf(
    scriptedDrifts,
    ({ sample }) => sample === true,
    ({ name }) => name,
  );
  const bed = new DriftBed();
  const rows = new Map<ScriptedDrift, Row>();

  beforeAll(() => bed.deploy());
  afterAll(async () => {
    await bed.remove();
    print(rows);
  });

  test.each(tried.map((row) => [row.name, row] as const))("%s", async (_name, drift) => {
    const { line, cause, fix = [], withKey = false, undo, code = 2 } = drift;
    await bed.run(line);
    try {
      const plain = isFull ? await bed.plainPlan() : undefined;
      const { code: exit, report, texts } = await bed.drift();
      const causes = report.findings.map(({ id }) => id);
      const right = causes.length > 0 && causes.every((id) => matches(cause, id) || isLeftOver(drift, id));
      const row = { plain, found: exit === code, cause: right, fixed: fix === null ? undefined : false };
      rows.set(drift, row);
      const shown = { exit, causes };
      expect(encodings(bed.key).filter((form) => texts.includes(form))).toEqual([]);
      expect({ ...shown, found: row.found, right }).toEqual({ ...shown, found: true, right: true });
      if (fix === null) return;

      const fixed = await bed.host.run(
        ["drift", "--fix", "--yes", ...fix],
        withKey ? { OPENROUTER_API_KEY: bed.key } : {},
      );
      rows.set(drift, { ...row, fixed: fixed.code === 0 });
      expect(encodings(bed.key).filter((form) => fixed.stderr.includes(form))).toEqual([]);
      if (fixed.code !== 0) throw new Error(`drift --fix ended with ${fixed.code}:\n${fixed.stderr}`);
    } finally {
      await bringBack(undo);
    }
  });

  /** The next row begins on a host without drift. */
  async function bringBack(undo: string | undefined): Promise<void> {
    if (undo) await bed.run(undo);
    if ((await bed.drift()).code === 0) return;
    const again = await bed.host.run(["up", "--replace-key"], { OPENROUTER_API_KEY: bed.key });
    if (again.code === 0 && (await bed.drift()).code === 0) return;
    await bed.deploy();
  }
});

function print(rows: Map<ScriptedDrift, Row>): void {
  const plain: Record<number, string> = { 0: "no", 1: "error", 2: "yes" };
  const yes = (value: boolean | undefined) => (value === undefined ? "may not" : value ? "yes" : "NO");
  const width = Math.max(...[...rows.keys()].map(({ name }) => name.length));
  const lines = [...rows].map(([{ name }, row]) =>
    [
      name.padEnd(width),
      (row.plain === undefined ? "" : (plain[row.plain] ?? "")).padEnd(6),
      yes(row.found).padEnd(6),
      yes(row.cause).padEnd(6),
      yes(row.fixed),
    ].join(" "),
  );
  const all = [...rows.values()];
  const sum = [
    `${all.filter(({ plain }) => plain === 2).length} of ${all.length} found by a plain plan`,
    `${all.filter(({ found }) => found).length} by drift`,
    `${all.filter(({ cause }) => cause).length} with the right root cause`,
    `${all.filter(({ fixed }) => fixed).length} of ${all.filter(({ fixed }) => fixed !== undefined).length} that may be fixed were`,
  ];
  const head = `${"drift".padEnd(width)} plan   found  cause  fixed`;
  process.stderr.write(`\n${[head, ...lines, "", sum.join(", ")].join("\n")}\n`);
}
