// jest loads a reporter without compiling it. Of each test file it prints one block at once, since other processes print beside
// it, and adds one line to the file of results that the runner reads.
const { appendFileSync } = require("node:fs");
const { relative } = require("node:path");
const { cpuBetween, readCpuTime } = require("./cpu-time.cjs");

module.exports = class Reporter {
  constructor(globalConfig) {
    this.root = globalConfig.rootDir;
    // Of a worker a file's own processor time cannot be told.
    this.isAlone = globalConfig.maxWorkers === 1 && globalConfig.workerIdleMemoryLimit === undefined;
    this.before = readCpuTime();
  }

  onTestResult(test, result) {
    const path = relative(this.root, test.path);
    const seconds = (result.perfStats.end - result.perfStats.start) / 1000;
    const now = readCpuTime();
    const cpu = this.isAlone ? cpuBetween(this.before, now) : undefined;
    this.before = now;
    const failed = result.numFailingTests > 0 || result.testExecError !== undefined;
    const named = (status) =>
      result.testResults.filter((each) => each.status === status).map(({ fullName }) => fullName);
    const said = (result.console ?? []).map(({ message }) => `${message}\n`).join("");
    const why = failed ? `\n${result.failureMessage ?? ""}\n` : "";
    process.stderr.write(
      `${failed ? "FAIL" : "PASS"} ${path} (${seconds.toFixed(1)} s${cpu === undefined ? "" : `, ${cpu.toFixed(1)} s of CPU`})\n${said}${why}`,
    );
    appendFileSync(
      process.env.TEST_RESULTS,
      `${JSON.stringify({
        path,
        seconds,
        cpu,
        passed: result.numPassingTests,
        // A file that does not load has no test that could fail.
        failed: Math.max(result.numFailingTests, failed ? 1 : 0),
        skipped: [...named("pending"), ...named("todo")],
        tests: result.testResults.map(({ fullName, duration }) => ({
          name: fullName,
          seconds: (duration ?? 0) / 1000,
        })),
      })}\n`,
    );
  }
};
