// `npm run test:mutation`: which changes of the pure folders no unit test notices.
import { homedir } from "node:os";
import { join } from "node:path";

const cache = process.env.OPENCLAW_OPENROUTER_CACHE ?? join(homedir(), ".cache/openclaw-openrouter");

export default {
  packageManager: "npm",
  // swc compiles for jest and reads none; Stryker would rewrite it by a TypeScript of its own.
  tsconfigFile: "none",
  testRunner: "jest",
  plugins: ["@stryker-mutator/jest-runner"],
  jest: { configFile: "test/mutation/jest.config.cjs", enableFindRelatedTests: true },
  coverageAnalysis: "perTest",
  mutate: [
    "lib/config/**/*.ts",
    "lib/model/**/*.ts",
    "lib/report/**/*.ts",
    "lib/core/{plain-text,text,version,errors,bounded}.ts",
    "lib/core/{system/environment,network/loopback}.ts",
    "lib/drift/{root-cause,plan-findings,container-fields,compare-fields,baseline,ignore}.ts",
  ],
  // Without the scripts no test can start the program in Stryker's copy: it would take the copy for a new clone, and install
  // packages into the linked folder.
  ignorePatterns: ["dist", "cdktf.out", "examples", "bundle", "scripts"],
  reporters: ["clear-text", "progress", "html"],
  clearTextReporter: { allowColor: false, reportTests: false },
  htmlReporter: { fileName: join(cache, "mutation", "report.html") },
  tempDirName: join("dist", ".mutation"),
  thresholds: { high: 90, low: 80, break: 80 },
  // A child process, a timer: what hangs by a mutation is found after this long.
  timeoutMS: 20_000,
  dryRunTimeoutMinutes: 30,
};
