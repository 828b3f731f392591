// The libraries that are published as ES modules only: they are transformed, since the tests run as CommonJS.
const esm = [
  "execa",
  "@sindresorhus",
  "figures",
  "get-stream",
  "human-signals",
  "is-plain-obj",
  "is-stream",
  "npm-run-path",
  "pretty-ms",
  "parse-ms",
  "strip-final-newline",
  "yoctocolors",
  "unicorn-magic",
  "path-key",
  "is-unicode-supported",
  "p-retry",
  "is-network-error",
  "@openrouter",
  "@sec-ant",
  "age-encryption",
  "@noble",
  "@scure",
];

const common = {
  transform: { "^.+\\.[cm]?[jt]s$": ["@swc/jest"] },
  moduleNameMapper: {
    // Its package offers Node's form by a condition that jest does not resolve.
    "^unicorn-magic$": "<rootDir>/node_modules/unicorn-magic/node.js",
    // Zod's messages in sixty other languages, which each test file would load again.
    "^\\.\\./locales/index\\.cjs$": "<rootDir>/node_modules/zod/v4/locales/en.cjs",
  },
  transformIgnorePatterns: [`node_modules/(?!(${esm.join("|")})/)`],
};

/** @type {import("jest").Config} */
module.exports = {
  projects: [
    {
      ...common,
      displayName: "unit",
      testMatch: ["<rootDir>/test/**/*.test.ts"],
      testPathIgnorePatterns: ["/node_modules/", "/test/e2e/", "/test/attacks/"],
      setupFiles: ["<rootDir>/test/support/runner/without-fsync.cjs"],
    },
    {
      ...common,
      displayName: "e2e",
      testMatch: ["<rootDir>/test/{e2e,attacks}/**/*.test.ts"],
      runner: "<rootDir>/test/support/runner/claiming-runner.ts",
      testEnvironment: "<rootDir>/test/support/runner/evidence-environment.ts",
    },
  ],
};
