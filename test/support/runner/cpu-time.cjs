// How much processor time a test file took: unlike its seconds, that stays the same when something else runs on the machine.
const { readFileSync } = require("node:fs");
const { join } = require("node:path");

/** Linux tells every program hundredths of a second. */
const ticksPerSecond = 100;

/**
 * The seconds of this process, of its ended children, and of the lane's engine, if there is one. Without what runs in containers.
 * @returns {Record<string, number>} by process
 */
function readCpuTime() {
  const { TEST_FOLDER: folder } = process.env;
  const files = folder
    ? {
        engine: join(folder, "engine/pid"),
        containerd: join(folder, "engine/exec/containerd/containerd.pid"),
      }
    : {};
  const pids = Object.entries(files).map(([name, path]) => [name, pidIn(path)]);
  const read = [["tests", "self"], ...pids].map(([name, pid]) => [`${name} ${pid}`, secondsOf(pid)]);
  return Object.fromEntries(read);
}

/** @returns {string} the pid, or nothing while a test keeps the engine stopped */
function pidIn(path) {
  try {
    return readFileSync(path, "utf8").trim();
  } catch {
    return "";
  }
}

/** @returns {number} of a process and its ended children, 0 for one that is gone */
function secondsOf(pid) {
  if (!pid) return 0;
  try {
    // The program's name in parentheses can hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, "utf8")
      .replace(/^.*\) /s, "")
      .split(" ");
    return fields.slice(11, 15).reduce((sum, ticks) => sum + Number(ticks), 0) / ticksPerSecond;
  } catch {
    return 0;
  }
}

/**
 * @param {Record<string, number>} before
 * @param {Record<string, number>} after
 * @returns {number} what was taken between; an engine that was started again counts from its start
 */
function cpuBetween(before, after) {
  return Object.entries(after).reduce((sum, [name, seconds]) => sum + seconds - (before[name] ?? 0), 0);
}

module.exports = { readCpuTime, cpuBetween };
