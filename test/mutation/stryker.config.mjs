// `npm run test:mutation`: which changes of the pure folders no unit test notices. MUTATED=model tries one folder.
import { availableParallelism, homedir } from "node:os";
import { join } from "node:path";
import folders from "./folders.cjs";

const cache = process.env.OPENCLAW_OPENROUTER_CACHE ?? join(homedir(), ".cache/openclaw-openrouter");
const { MUTATED: chosen } = process.env;
const tried = chosen ? [folders[chosen]] : Object.values(folders);

export default {
  packageManager: "npm",
  // swc compiles for jest and reads none; Stryker would rewrite it by a TypeScript of its own.
  tsconfigFile: "none",
  testRunner: "jest",
  plugins: ["@stryker-mutator/jest-runner"],
  jest: { configFile: "test/mutation/jest.config.cjs", enableFindRelatedTests: true },
  coverageAnalysis: "perTest",
  mutate: tried.flatMap(({ mutate }) => mutate),
  // A sentence for people is no rule: tests assert ids, values and exit codes.
  mutator: { excludedMutations: ["StringLiteral"] },
  // A schema and a table are made when their module loads, once for all mutants: no test could notice a change of them.
  ignoreStatic: true,
  concurrency: Number(process.env.MUTATION_WORKERS ?? availableParallelism()),
  // Without the scripts no test can start the program in Stryker's copy: it would take the copy for a new clone, and install
  // packages into the linked folder.
  ignorePatterns: ["dist", "cdktf.out", "examples", "bundle", "scripts"],
  reporters: ["clear-text", "html"],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: join(cache, "mutation", `${chosen ?? "all"}.html`) },
  tempDirName: join("dist", ".mutation"),
  thresholds: { high: 90, low: 80, break: 80 },
  // A child process, a timer: what hangs by a mutation is found after this long.
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
};
