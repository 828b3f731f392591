import type { Stats } from "node:fs";
import { compareFields } from "../../lib/core/compare-fields";
import { foreignLabel, listed, listedPairs } from "../../lib/drift/field-texts";
import { drift, gone } from "../../lib/drift/finding";
import { inspectPath, type PathDifference, unlikeFile, unlikeFolder } from "../../lib/drift/inspect-path";
import { flatten } from "../../lib/drift/probe";

const time = new Date("2026-11-25T10:00:00Z");

function entry(kind: "file" | "folder" | "link", more: Partial<Stats> = {}): Stats {
  return {
    isFile: () => kind === "file",
    isDirectory: () => kind === "folder",
    isSymbolicLink: () => kind === "link",
    isFIFO: () => false,
    isSocket: () => false,
    uid: 1000,
    mode: 0o100600,
    nlink: 1,
    size: 10,
    mtime: time,
    ctime: new Date("2026-11-26T10:00:00Z"),
    ...more,
  } as unknown as Stats;
}

describe("a path", () => {
  const inspect = (now: Stats | undefined, otherKind?: string) =>
    inspectPath({
      path: "/home/a/config.json",
      entry: now,
      otherKind,
      kind: "a plain file",
      uid: 1000,
      mode: 0o600,
      finding: (what: PathDifference) => ({ id: `x.${what}`, severity: "major", summary: what }),
    }).map(({ id, expected, actual }) => `${id}: ${expected} -> ${actual}`);

  test.each([
    ["as it was deployed", entry("file"), undefined, []],
    ["is gone", undefined, undefined, ["x.gone: there -> gone"]],
    ["is of another kind", entry("link"), "a symbolic link", ["x.kind: a plain file -> a symbolic link"]],
    ["could not be opened", undefined, "EACCES", ["x.kind: a plain file -> EACCES"]],
    ["is another user's", entry("file", { uid: 7 }), undefined, ["x.owner: uid 1000 -> uid 7"]],
    ["is readable by others", entry("file", { mode: 0o100644 }), undefined, ["x.mode: 600 -> 644"]],
    [
      "is both",
      entry("file", { mode: 0o100640, uid: 7 }),
      undefined,
      ["x.owner: uid 1000 -> uid 7", "x.mode: 600 -> 640"],
    ],
  ])("%s", (_, now, otherKind, expected) => {
    expect(inspect(now, otherKind)).toEqual(expected);
  });

  test("says since when, from the content's time for its kind and the inode's for its access", () => {
    const since = (now: Stats, otherKind?: string) =>
      inspectPath({
        path: "/p",
        entry: now,
        otherKind,
        kind: "a folder",
        mode: 0o700,
        finding: (what) => ({ id: what, severity: "minor", summary: what }),
      })[0]?.since;
    expect(since(entry("folder", { mode: 0o40755 }))).toBe("2026-11-26T10:00:00.000Z");
    expect(since(entry("link"), "a symbolic link")).toBe("2026-11-25T10:00:00.000Z");
  });

  test("whose owner and mode are nobody's concern differs in neither", () => {
    const finding = (id: string) => ({ id, severity: "minor" as const, summary: id });
    const now = entry("file", { uid: 7, mode: 0o100777 });
    expect(inspectPath({ path: "/p", entry: now, kind: "a plain file", finding })).toEqual([]);
  });

  test("of another kind is left to a person, unless the caller knows better", () => {
    const of = (more: object) =>
      inspectPath({
        path: "/p",
        entry: entry("link"),
        otherKind: "a symbolic link",
        kind: "a folder",
        finding: (id) => ({ id, severity: "minor", summary: id, ...more }),
      })[0]?.fix;
    expect(of({})?.by).toBe("person");
    expect(of({ fix: { by: "command", command: "x" } })?.by).toBe("command");
  });
});

test.each([
  ["a plain file", entry("file"), undefined],
  ["none", undefined, undefined],
  ["a link", entry("link"), "a symbolic link"],
  ["a file with two names", entry("file", { nlink: 2 }), "a file of uid 1000 with 2 names"],
  ["a large file", entry("file", { size: 101 }), "a file of 101 bytes"],
  ["a folder", entry("folder"), "a folder of uid 1000"],
])("as a plain file: %s", (_, now, expected) => {
  expect(unlikeFile(now, 100)).toBe(expected);
});

test.each([
  ["a folder", entry("folder"), undefined],
  ["none", undefined, undefined],
  ["a file", entry("file"), "a file of uid 1000"],
])("as a folder: %s", (_, now, expected) => {
  expect(unlikeFolder(now)).toBe(expected);
});

test("fields differ if a person reads two values", () => {
  expect(
    compareFields([
      ["same", 1, "1"],
      ["other", false, true],
      ["empty", "none", ""],
    ]),
  ).toEqual([
    { field: "other", expected: "false", actual: "true" },
    { field: "empty", expected: "none", actual: "" },
  ]);
});

test("lists read the same in any order", () => {
  expect(listed(["b", "a"])).toBe("a, b");
  expect(listed([])).toBe("none");
  expect(listedPairs({ b: "2", a: "" })).toBe("a, b=2");
});

test.each([
  [{ "openclaw-openrouter.instance": "i" }, "i", undefined],
  [{ "openclaw-openrouter.instance": "other" }, "i", "openclaw-openrouter.instance=other"],
  [{}, "i", "no such label"],
  [null, "i", "no such label"],
])("the labels %j for the instance %s: %s", (labels, id, actual) => {
  expect(foreignLabel(labels, id)?.actual).toBe(actual);
});

test("findings are nested as a probe likes it", () => {
  const one = drift("a.b", "minor", "s", { summary: "t" });
  const other = gone("a.c", "minor", "s", { summary: "t" });
  expect(flatten([one, false, [undefined, [other]], []])).toEqual([one, other]);
  expect(flatten(undefined)).toEqual([]);
  expect(other).toMatchObject({ expected: "there", actual: "gone", kind: "drift" });
});
