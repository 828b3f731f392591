// The tests of what is pure: of one folder with MUTATED, else of all. Each mutant runs those that reach it.
const { projects } = require("../../jest.config.js");
const folders = require("./folders.cjs");

const { displayName: _, ...unit } = projects.find(({ displayName }) => displayName === "unit");
const { MUTATED: chosen } = process.env;
const tests = chosen ? [folders[chosen].tests] : Object.values(folders).map((folder) => folder.tests);

module.exports = {
  ...unit,
  rootDir: "../..",
  // Of a file that is in no root, only the tests that import it directly would count as related.
  roots: ["<rootDir>/test", "<rootDir>/lib"],
  testMatch: tests.flatMap((path) => ["*", "/**/*"].map((end) => `<rootDir>/test/${path}${end}.test.ts`)),
};
