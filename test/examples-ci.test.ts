import { execFileSync } from "node:child_process";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { scratchFolder } from "./support/folder";

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
