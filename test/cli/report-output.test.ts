import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { writeReportFiles } from "../../lib/cli/report-output";
import { scratchFolder } from "../support/folder";
import { testAsRoot } from "../support/skip";

const before = process.env.GITHUB_STEP_SUMMARY;
const render = { junit: () => "<testsuites/>", markdown: () => "# Report" };
let folder: string;

beforeEach(() => {
  folder = scratchFolder();
  process.env.GITHUB_STEP_SUMMARY = "";
});
afterEach(() => jest.restoreAllMocks());
afterAll(() => {
  process.env.GITHUB_STEP_SUMMARY = before ?? "";
});

function inFolder(name: string, text: string): string {
  const path = join(folder, name);
  writeFileSync(path, text);
  return path;
}

/** Writes into the three files. */
function write(files: { junit?: string; markdown?: string; summary?: string }): void {
  process.env.GITHUB_STEP_SUMMARY = files.summary ?? "";
  writeReportFiles(files, render);
}

test("the named files are replaced, and the job summary gets one more part", () => {
  const [junit, markdown] = [inFolder("j.xml", "old"), join(folder, "m.md")];
  const summary = inFolder("summary.md", "first\n");
  write({ junit, markdown, summary });
  expect([junit, markdown, summary].map((path) => readFileSync(path, "utf8"))).toEqual([
    "<testsuites/>",
    "# Report",
    "first\n# Report\n",
  ]);
});

test.each(["junit", "markdown"])("a link at the file of --%s is not followed", (option) => {
  const [target, link] = [inFolder("target", "unchanged"), join(folder, "link")];
  symlinkSync(target, link);
  expect(() => write({ [option]: link })).toThrow(/got: +a link.*in a folder that only this user/s);
  expect(readFileSync(target, "utf8")).toBe("unchanged");
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
});

test.each(["junit", "markdown"])(
  "the file of --%s is not written into a folder that everybody can write to",
  (option) => {
    chmodSync(folder, 0o777);
    const path = join(folder, "report");
    expect(() => write({ [option]: path })).toThrow(/everybody can write to/);
    expect(lstatSync(path, { throwIfNoEntry: false })).toBeUndefined();
  },
);

test("in a folder such as /tmp nobody can replace the file: it is written", () => {
  chmodSync(folder, 0o1777);
  const path = join(folder, "report");
  write({ junit: path });
  expect(readFileSync(path, "utf8")).toBe("<testsuites/>");
});

testAsRoot(
  "root appends no job summary to a link, or to a file in another user's folder, and goes on",
  () => {
    const said = jest.spyOn(process.stderr, "write").mockReturnValue(true);
    const [target, link] = [inFolder("target", "unchanged"), join(folder, "link")];
    symlinkSync(target, link);
    write({ summary: link });
    const theirs = join(folder, "theirs");
    mkdirSync(theirs);
    chownSync(theirs, 65_534, 65_534);
    const markdown = join(folder, "m.md");
    write({ summary: join(theirs, "summary.md"), markdown });
    expect(said.mock.calls.map(([text]) => text)).toEqual([
      expect.stringMatching(/job summary is left out.*a link/s),
      expect.stringMatching(/job summary is left out.*belongs to uid 65534/s),
    ]);
    expect([target, markdown].map((path) => readFileSync(path, "utf8"))).toEqual(["unchanged", "# Report"]);
    expect(readdirSync(theirs)).toEqual([]);
  },
);
