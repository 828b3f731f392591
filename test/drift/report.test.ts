import { readFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../lib/core/errors";
import { writePrivateFile } from "../../lib/core/files/files";
import { EngineError } from "../../lib/docker/engine-api";
import {
  driftExitCodeOfAll,
  driftOfAll,
  renderDriftJunit,
  renderDriftMarkdown,
  renderDriftReport,
  renderFailedMarkdown,
} from "../../lib/drift";
import { markKnown, splitKnown } from "../../lib/drift/baseline";
import { drift } from "../../lib/drift/finding";
import { applyIgnoreFile } from "../../lib/drift/ignore";
import { readBaseline, readIgnoreFile } from "../../lib/drift/read-files";
import { homePaths } from "../../lib/model/home-paths";
import {
  type DriftReport,
  driftReport,
  outcomeOf,
  type ReportedFinding,
} from "../../lib/report/drift-report";
import { reportSchemaFiles } from "../../lib/report/json-schemas";
import { scratchFolder } from "../support/folder";

const memory: ReportedFinding = {
  id: "container.memory",
  kind: "drift",
  severity: "major",
  subject: "container vault",
  summary: "HostConfig.Memory of the container differs from the deployed value",
  field: "HostConfig.Memory",
  expected: "512 MiB",
  actual: "256 MiB",
  since: "2026-11-24T10:00:00.000Z",
  fix: { by: "command", command: "openclaw-openrouter drift --fix" },
  follows: [
    {
      id: "plan.docker_container.x:memory",
      kind: "drift",
      severity: "minor",
      subject: "docker_container.x",
      summary: "memory is another one",
      fix: { by: "command", command: "openclaw-openrouter drift --fix" },
    },
  ],
};

const report: DriftReport = {
  version: 1,
  instance: "default",
  started: "2026-11-25T10:00:00.000Z",
  durationMs: 1234,
  outcome: "drift",
  findings: [memory],
  known: [],
  ignored: [],
  skipped: [{ what: "secret", because: "Vault is sealed" }],
  unmanaged: ["auth method userpass/ (userpass)"],
};

test("a report as a person reads it, at 80 columns", () => {
  expect(renderDriftReport(report, { colour: false, width: 80 })).toMatchInlineSnapshot(`
    "✖ container.memory
        HostConfig.Memory of the container differs from the deployed value
        field     HostConfig.Memory
        expected  512 MiB
        actual    256 MiB
        since     2026-11-24 10:00:00 UTC
        explains  plan.docker_container.x:memory
        fix       openclaw-openrouter drift --fix

    – Skipped, since Vault is sealed: secret
    – Unmanaged in this Vault: auth method userpass/ (userpass)

    Drift of the instance default: 1 finding (1.2 s)."
  `);
});

test("no line is longer than the terminal is wide, but for a long id", () => {
  for (const line of renderDriftReport(report, { colour: false, width: 80 }).split("\n"))
    expect(line.length).toBeLessThanOrEqual(80);
});

test("Markdown", () => {
  expect(renderDriftMarkdown(report)).toMatchInlineSnapshot(`
    "### Drift of the instance default: drift

    | | Finding | What differs |
    | --- | --- | --- |
    | 🟠 major | <code>container.memory</code> | <code>HostConfig.Memory of the container differs from the deployed value</code><br><code>Field: HostConfig.Memory</code><br><code>Expected: 512 MiB</code><br><code>Actual: 256 MiB</code><br><code>Since: 2026-11-24T10&#58;00&#58;00.000Z</code><br><code>Explains: plan.docker&#95;container.x&#58;memory</code><br>**Fix:** <code>openclaw-openrouter drift --fix</code> |

    - <code>Skipped: secret, since Vault is sealed</code>
    - <code>Unmanaged in this Vault: auth method userpass/ (userpass)</code>

    Started 2026-11-25T10:00:00.000Z, took 1.2 s.
    "
  `);
});

test("what comes from outside does not become markup", () => {
  const evil = { ...memory, actual: "<img src=x> | `a`", summary: "[x](http://evil)" };
  const text = renderDriftMarkdown({ ...report, findings: [evil] });
  expect(text).not.toContain("<img");
  expect(text).not.toContain("[x](");
  expect(text.split("\n").filter((line) => line.startsWith("| 🟠"))).toHaveLength(1);
});

test("a file's name does not begin a line of the report", () => {
  const name = "x\n\nNo drift of the instance default (1.0 s).";
  const { follows: _, ...rest } = memory;
  const found = { ...rest, ...drift(`volume.home-file:${name}`, "minor", `${name} there`, { summary: "y" }) };
  expect([found.id, found.subject].join()).not.toContain("\n");
  const lines = renderDriftReport({ ...report, findings: [{ ...found, follows: [] }] } as DriftReport, {
    colour: false,
    width: 80,
  }).split("\n");
  expect(lines.filter((line) => line.startsWith("No drift"))).toEqual([]);
});

test("JUnit: findings fail, what was skipped is skipped, and nothing at all passes", () => {
  const xml = renderDriftJunit([report]);
  expect(xml).toContain('tests="2" failures="1" errors="0" skipped="1"');
  expect(xml).toContain('name="container.memory"');
  expect(xml).toContain(
    ">expected: 512 MiB&#10;actual: 256 MiB&#10;fix: openclaw-openrouter drift --fix</failure>",
  );
  expect(renderDriftJunit([{ ...report, findings: [], skipped: [] }])).toContain('failures="0"');
});

test("an instance that could not be inspected fails in JUnit and in Markdown too", () => {
  const error = { kind: "failed", exitCode: 1, problem: "no engine |", fix: "start it" } as const;
  const failed = { instance: "b", error };
  const clean = { ...report, findings: [], skipped: [] };
  const xml = renderDriftJunit([clean], [failed]);
  expect(xml).toContain('tests="2" failures="1"');
  expect(xml).toContain('classname="b" name="drift"');
  expect(xml).toContain(
    '<failure message="could not be determined">no engine |&#10;  fix:      start it</failure>',
  );
  expect(renderFailedMarkdown(failed)).toBe(
    "### Drift of the instance b: could not be determined\n\n- <code>no engine &#124;</code><br><code>fix:      start it</code>\n",
  );
});

test("the committed schema is the one of the report, and takes a report", () => {
  // Stale? Run `npm run generate`.
  const file = "docs/drift-report.schema.json";
  expect(readFileSync(join(__dirname, "../..", file), "utf8")).toBe(reportSchemaFiles()[file]);
  expect(driftReport.parse(report)).toEqual(report);
});

test.each([
  [["drift", "declaration", "unknown"], [], "drift"],
  [["declaration", "unknown"], [], "undetermined"],
  [["declaration"], [], "not-applied"],
  [["declaration"], [{}], "undetermined"],
  [[], [], "clean"],
  [[], [{ known: true }], "clean"],
  [[], [{ known: true }, {}], "undetermined"],
] as const)("%j, skipped %j: %s", (kinds, skipped, expected) => {
  expect(
    outcomeOf(
      kinds.map((kind) => ({ kind })),
      skipped,
    ),
  ).toBe(expected);
});

describe("a baseline", () => {
  test("knows the same finding with the same thing found, and no other", () => {
    const baseline = { version: 1 as const, findings: [memory], known: [], skipped: [] };
    const worse = { ...memory, actual: "128 MiB" };
    expect(splitKnown([memory], baseline)).toEqual({ fresh: [], known: [memory] });
    expect(splitKnown([worse], baseline)).toEqual({ fresh: [worse], known: [] });
    expect(splitKnown([memory], undefined)).toEqual({ fresh: [memory], known: [] });
  });

  test("knows no finding from which something new follows", () => {
    const replaced = { ...memory, id: "container.replaced", actual: "c2", follows: [] };
    const baseline = { version: 1 as const, findings: [replaced], known: [], skipped: [] };
    const worse = { ...replaced, follows: [{ ...memory, id: "container.networks", actual: "bridge" }] };
    expect(splitKnown([worse], baseline)).toEqual({ fresh: [worse], known: [] });
    expect(splitKnown([worse], { ...baseline, findings: [worse] })).toEqual({ fresh: [], known: [worse] });
  });

  test("knows what could not be determined for the same reason only", () => {
    const { follows: _, actual: __, ...other } = memory;
    const unknown = { ...other, kind: "unknown" as const, id: "vault.access.unread", summary: "a: 403" };
    const worse = { ...unknown, summary: "a: 403; b: 403" };
    const baseline = { version: 1 as const, findings: [{ ...unknown, follows: [] }], known: [], skipped: [] };
    const alone = { ...unknown, follows: [] };
    expect(splitKnown([alone], baseline)).toEqual({ fresh: [], known: [alone] });
    expect(splitKnown([{ ...worse, follows: [] }], baseline).known).toEqual([]);
    // The known finding from which it follows does not hide it, and is not told again.
    const cause = { ...memory, follows: [unknown] };
    const known = { ...baseline, findings: [cause] };
    expect(splitKnown([cause], known)).toEqual({ fresh: [], known: [cause] });
    expect(splitKnown([{ ...memory, follows: [worse] }], known)).toEqual({
      fresh: [{ ...worse, follows: [] }],
      known: [{ ...memory, follows: [] }],
    });
  });

  test("is an earlier report", () => {
    const path = join(scratchFolder(), "baseline.json");
    writePrivateFile(path, JSON.stringify(report));
    expect(splitKnown([memory], readBaseline(path)).fresh).toEqual([]);
    expect(markKnown(report.skipped, readBaseline(path))).toEqual([{ ...report.skipped[0], known: true }]);
    writePrivateFile(path, "[]");
    expect(() => readBaseline(path)).toThrow(/cannot be used/);
  });
});

describe("an ignore file", () => {
  const actual = {
    ...drift("container.memory", "minor", "x", { summary: "y" }),
    follows: [],
  };
  const now = new Date("2026-11-25T12:00:00Z");
  const file = (until: string) => ({
    path: "ignore.json",
    ignore: [{ id: "container.*", reason: "being tuned", until }],
  });

  test("takes out what it names, to the end of its last day, and keeps the reason", () => {
    const { kept, ignored } = applyIgnoreFile([actual], file("2026-11-25"), now);
    expect(kept).toEqual([]);
    expect(ignored).toEqual([{ finding: actual, reason: "being tuned", until: "2026-11-25" }]);
  });

  test("hides nothing critical or undetermined that follows from what it names", () => {
    const critical = drift("vault.untrusted", "critical", "x", { summary: "y" });
    const unknown = drift("plan.vault.unknown", "major", "x", { summary: "y", kind: "unknown" });
    const usual = drift("vault.sealed", "major", "x", { summary: "y" });
    const cause = { ...actual, follows: [critical, unknown, usual] };
    const { kept, ignored } = applyIgnoreFile([cause], file("2026-11-25"), now);
    expect(kept.map(({ id }) => id)).toEqual(["vault.untrusted", "plan.vault.unknown"]);
    expect(ignored.map(({ finding }) => finding)).toEqual([{ ...actual, follows: [usual] }]);
    const both = { ...file("2026-11-25") };
    both.ignore.push({ id: "vault.*", reason: "known", until: "2026-11-25" });
    expect(applyIgnoreFile([cause], both, now).kept.map(({ id }) => id)).toEqual(["plan.vault.unknown"]);
  });

  test("that expired ignores nothing, and is reported", () => {
    const { kept, ignored } = applyIgnoreFile([actual], file("2026-11-24"), now);
    expect(kept.map(({ id }) => id)).toEqual(["container.memory", "ignore.expired:container.*"]);
    expect(ignored).toEqual([]);
  });

  test.each([
    ["without a reason", { id: "x", until: "2027-01-01" }],
    ["without a day", { id: "x", reason: "y" }],
    ["with a day that is none", { id: "x", reason: "y", until: "soon" }],
    ["with more in it", { id: "x", reason: "y", until: "2027-01-01", forever: true }],
  ])("%s is refused", (_, entry) => {
    const folder = scratchFolder();
    const path = join(folder, "ignore.json");
    writePrivateFile(path, JSON.stringify({ ignore: [entry] }));
    expect(() => readIgnoreFile(path, homePaths(folder))).toThrow(UserError);
  });

  test("in the instance directory is read without being named, comments and all", () => {
    const folder = scratchFolder();
    writePrivateFile(
      join(folder, "drift-ignore.json"),
      '{"ignore": [ // why\n {"id": "a", "reason": "b", "until": "2027-01-01"}, ]}',
    );
    expect(readIgnoreFile(undefined, homePaths(folder))?.ignore).toHaveLength(1);
    expect(readIgnoreFile(undefined, homePaths(scratchFolder()))).toBeUndefined();
  });
});

test("of several instances, one that fails does not hold back the others, and the most severe code counts", async () => {
  const reports = await driftOfAll(
    ["a", "b", "c"],
    async (instance) => {
      if (instance === "b")
        throw new UserError({ problem: "gone", got: "none", fix: "openclaw-openrouter up", exitCode: 4 });
      return { ...report, instance, outcome: instance === "a" ? "clean" : "drift" };
    },
    2,
  );
  expect(reports.instances.map(({ instance }) => instance)).toEqual(["a", "c"]);
  expect(reports.failed).toEqual([
    {
      instance: "b",
      error: {
        kind: "not-deployed",
        exitCode: 4,
        problem: "gone",
        got: "none",
        fix: "openclaw-openrouter up --instance b",
      },
    },
  ]);
  expect(driftExitCodeOfAll(reports)).toBe(4);
  expect(driftExitCodeOfAll({ ...reports, failed: [] })).toBe(2);
  expect(driftExitCodeOfAll({ version: 1, instances: [], failed: [] })).toBe(0);
});

test.each<[string, Error, string]>([
  ["the engine", new EngineError(500, "broken"), "broken"],
  ["a socket", Object.assign(new Error("hung up"), { code: "ECONNRESET" }), "hung up"],
])("an error of %s is that instance's failure", async (_, error, says) => {
  const inspect = async (instance: string): Promise<DriftReport> => {
    if (instance === "b") throw error;
    return { ...report, instance };
  };
  const reports = await driftOfAll(["a", "b", "c"], inspect, 1);
  expect(reports.instances.map(({ instance }) => instance)).toEqual(["a", "c"]);
  const { error: told } = reports.failed[0]!;
  expect(reports.failed).toEqual([{ instance: "b", error: told }]);
  expect(told).toMatchObject({ kind: "failed", exitCode: 1 });
  expect(`${told.problem} ${told.got}`).toContain(says);
});

test("a defect of the program is no instance's failure", async () => {
  await expect(driftOfAll(["a"], () => Promise.reject(new TypeError("x")), 1)).rejects.toThrow(TypeError);
});
