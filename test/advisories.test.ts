import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { isFull } from "./e2e/support/full";
import { testUnless } from "./support/skip";

const list = readFileSync("docs/advisories.md", "utf8");
const lock = JSON.parse(readFileSync("package-lock.json", "utf8")) as {
  packages: Record<string, { version: string; inBundle?: boolean }>;
};

test("the copies that CDKTF carries are those whose advisories are listed by hand", () => {
  const named = ["lodash", "glob", "brace-expansion", "minimatch", "tar-stream"];
  const carried = Object.entries(lock.packages)
    .filter(([path, { inBundle }]) => inBundle && path.startsWith("node_modules/cdktf/"))
    .map(([path, { version }]) => [path.split("node_modules/").at(-1)!, version] as const)
    .filter(([name]) => named.includes(name));
  expect(carried.length).toBeGreaterThanOrEqual(named.length);
  for (const [name, version] of carried)
    expect(list).toMatch(new RegExp(`\\| ${name} [^|]*${version.replaceAll(".", "\\.")}`));
});

interface Audit {
  readonly vulnerabilities?: Record<string, { readonly severity: string; readonly nodes: readonly string[] }>;
}

/** What the registry says of what is installed at run time; undefined where it does not answer that. */
function audit(): Audit | undefined {
  const { stdout } = spawnSync("npm", ["audit", "--json", "--omit=dev"], {
    encoding: "utf8",
    timeout: 60_000,
  });
  try {
    const answer = JSON.parse(stdout) as Audit;
    return answer.vulnerabilities ? answer : undefined;
  } catch {
    return undefined;
  }
}

const answer = isFull ? audit() : undefined;
const why = isFull ? "this registry answers no audit" : "only in npm run test:full";

testUnless(answer ? undefined : why)("npm audit finds nothing but what is listed by hand", () => {
  const nodes = Object.values(answer?.vulnerabilities ?? {}).flatMap((each) => each.nodes);
  expect(nodes.filter((node) => !/^node_modules\/cdktf(\/|$)/.test(node))).toEqual([]);
});
