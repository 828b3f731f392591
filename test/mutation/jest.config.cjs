// The unit tests of what is pure, without those that start programs: each mutant runs those that reach it.
const { projects } = require("../../jest.config.js");

const { displayName: _, ...unit } = projects.find(({ displayName }) => displayName === "unit");

module.exports = {
  ...unit,
  rootDir: "../..",
  roots: ["<rootDir>/test"],
  testMatch: ["<rootDir>/test/{config,constructs,core,drift,model}/**/*.test.ts"],
};
