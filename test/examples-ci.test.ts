import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { ExitCode } from "../lib/core/exit-codes";
import { findProgram } from "../lib/core/system/find-program";
import { errorReportOf } from "../lib/report/error-report";
import { scratchFolder } from "./support/folder";
import { testUnless } from "./support/skip";

const listing = /git [^\n]*diff --name-only [^\n]*(?:\\\n[^\n]*)?(?=\))/;

/** The files that the report of an example tells people to read, of a pull request that adds some. */
function told(example: string, added: readonly string[]): string[] {
  const folder = scratchFolder();
  const side = join(folder, "side");
  const git = (...args: string[]) =>
    execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@example.org", ...args], {
      cwd: side,
      encoding: "utf8",
    }).trim();
  const commit = (paths: readonly string[]) => {
    for (const path of paths) {
      mkdirSync(join(side, dirname(path)), { recursive: true });
      writeFileSync(join(side, path), "x");
    }
    git("add", "-A");
    git("commit", "-q", "-m", "x");
    return git("rev-parse", "HEAD");
  };
  mkdirSync(side);
  git("init", "-q");
  const base = commit(["README.md"]);
  const head = commit(added);
  const [line = ""] = listing.exec(readFileSync(join(__dirname, "../examples/ci", example), "utf8")) ?? [];
  const isGitlab = example.startsWith("gitlab");
  const env = { BASE: base, HEAD: head, CI_MERGE_REQUEST_DIFF_BASE_SHA: base, CI_COMMIT_SHA: head };
  const output = execFileSync("bash", ["-ec", line], {
    cwd: isGitlab ? side : folder,
    env: { PATH: process.env.PATH ?? "", ...env },
    encoding: "utf8",
  });
  return output.split("\n").filter(Boolean).sort();
}

test.each(["pull-request.yml", "gitlab-merge-request.yml"])(
  "%s: of what a pull request adds, only settings are not to be read, and no program passes for them",
  (example) => {
    const settings = [
      "openrouter.settings.json",
      "openrouter.settings.yaml",
      "examples/b.settings.json",
      "c.settings.jsonc",
    ];
    const programs = [
      ".github/workflows/a.settings.yml",
      ".github/workflows/openrouter.settings.yaml",
      "ci/a.settings.yml",
      "lib/a.settings.ts",
      "test/a.settings.test.ts",
    ];
    expect(told(example, [...settings, ...programs])).toEqual(programs);
  },
);

const withoutJq = findProgram("jq") ? undefined : "jq is not installed";

for (const example of ["drift-ssh.yml", "drift-self-hosted.yml"]) {
  testUnless(withoutJq)(
    `${example}: the job's summary says why drift could not be determined, as code`,
    () => {
      const text = readFileSync(join(__dirname, "../examples/ci", example), "utf8");
      const [, program = ""] = /jq -r '([^']*)' drift\.json/.exec(text) ?? [];
      const summary = (report: object) =>
        execFileSync("jq", ["-r", program], { input: JSON.stringify(report), encoding: "utf8" });
      const { error } = errorReportOf({ problem: "Not <here>.", fix: "up" }, ExitCode.NotDeployed);
      expect(summary({ version: 1, error })).toBe(
        "### Drift of the OpenClaw host: <code>could not be determined</code>\n\n- <code>Not &#60;here&#62;.</code>\n  - fix: <code>up</code>\n",
      );
      expect(summary({ outcome: "clean", findings: [] })).toBe(
        "### Drift of the OpenClaw host: <code>clean</code>\n\n",
      );
    },
  );
}
