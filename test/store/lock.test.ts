import { type ChildProcess, fork } from "node:child_process";
import { existsSync, readdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { buildSync } from "esbuild";
import { UserError } from "../../lib/core/errors";
import { processStart } from "../../lib/core/system/live-process";
import { currentHolder, lockVariable, takeLock, waitForBriefRun } from "../../lib/store/lock";
import { placeOfThisProcess, stillHolds, thisProcess } from "../../lib/store/lock-holder";
import { scratchFolder } from "../support/folder";

let path: string;

beforeEach(() => {
  path = join(scratchFolder(), "lock");
});

/** A lock of a process that is no more. */
function leaveDeadLock(changed: object = {}): void {
  const dead = {
    token: "dead",
    pid: 1,
    started: "1",
    ...placeOfThisProcess(),
    host: hostname(),
    command: "up",
    since: "2026-01-01T00:00:00.000Z",
  };
  writeFileSync(path, JSON.stringify({ ...dead, ...changed }));
}

const problem = (run: () => unknown) => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return String(error);
  }
  throw new Error("nothing was thrown");
};

test("a second taker is refused, naming pid, command and since when; after the release it gets it", () => {
  const first = takeLock(path, "up", {});
  const told = problem(() => takeLock(path, "destroy", {}));
  expect(told).toContain("Another run is working on this instance.");
  expect(told).toContain(`pid ${process.pid} on ${hostname()} (up, since ${currentHolder(path)?.since})`);
  first.release();
  takeLock(path, "destroy", {}).release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

test("is its owner's alone, and holds no more than who holds it", () => {
  takeLock(path, "up", {});
  expect((statSync(path).mode & 0o777).toString(8)).toBe("600");
  expect(currentHolder(path)).toMatchObject({ pid: process.pid, command: "up" });
});

test("a refused taker leaves nothing behind", () => {
  takeLock(path, "up", {});
  problem(() => takeLock(path, "up", {}));
  expect(readdirSync(join(path, ".."))).toEqual(["lock"]);
});

describe("a local-exec of the run that holds it", () => {
  test("shares it, and does not release it", () => {
    const outer = takeLock(path, "up", {});
    const inner = takeLock(path, "install", { [lockVariable]: outer.token });
    expect(inner.token).toBe(outer.token);
    inner.release();
    expect(currentHolder(path)).toMatchObject({ command: "up" });
  });

  test("is recognised by its token: that of an earlier run does not help", () => {
    takeLock(path, "up", {});
    problem(() => takeLock(path, "install", { [lockVariable]: "another" }));
  });

  test("takes the lock by itself where nobody holds it any more", () => {
    const token = takeLock(path, "install", { [lockVariable]: "gone" }).token;
    expect(token).not.toBe("gone");
    expect(currentHolder(path)).toMatchObject({ command: "install" });
  });
});

describe("a brief command that a schedule started", () => {
  test.each(["vault unseal", "check"])("%s: the next run waits for it, and says so once", async (command) => {
    const lock = takeLock(path, command, {});
    const told = jest.fn();
    const waited = waitForBriefRun(path, told);
    await new Promise((resolve) => setTimeout(resolve, 250));
    lock.release();
    await waited;
    expect(told.mock.calls).toEqual([[expect.objectContaining({ pid: process.pid, command })]]);
    takeLock(path, "up", {});
  });

  test("any other is not waited for: it can last", async () => {
    takeLock(path, "rebuild", {});
    const told = jest.fn();
    await waitForBriefRun(path, told);
    expect(told).not.toHaveBeenCalled();
    problem(() => takeLock(path, "up", {}));
  });
});

describe("a holder that was killed", () => {
  test.each([
    ["whose pid is no process", { pid: 2 ** 22 + 1 }],
    ["whose pid is another process by now", { pid: process.pid, started: "1" }],
  ])("%s: its lock is taken over", (_, holder) => {
    leaveDeadLock(holder);
    expect(currentHolder(path)).toBeUndefined();
    takeLock(path, "up", {}).release();
    expect(readdirSync(join(path, ".."))).toEqual([]);
  });

  test.each(["", "{", "{}"])("in the midst of a power cut: %j is taken over", (text) => {
    writeFileSync(path, text);
    takeLock(path, "up", {});
    expect(currentHolder(path)).toMatchObject({ pid: process.pid });
  });
});

test("a run that was killed while it took over a dead holder's lock is in nobody's way", () => {
  leaveDeadLock();
  writeFileSync(`${path}.dead`, readFileSync(path, "utf8").replace('"dead"', '"dead too"'));
  takeLock(path, "up", {}).release();
  expect(readdirSync(join(path, ".."))).toEqual([]);
});

describe("whether a holder that this process cannot see still runs", () => {
  const here = { machine: "m1", boot: "b2", pids: "pid:[1]" };
  const dead = { ...thisProcess("t", "up"), pid: 2 ** 22 + 1 };
  const alive = thisProcess("t", "up");
  test.each([
    ["the host was renamed, and it ended", { ...dead, ...here, host: "old-name" }, false, false],
    ["the host was renamed, and it runs", { ...alive, ...here, host: "old-name" }, false, true],
    ["this machine, before its last start", { ...alive, ...here, boot: "b1" }, false, false],
    ["the same on a folder that other hosts mount", { ...alive, ...here, boot: "b1" }, true, true],
    ["another machine", { ...dead, ...here, machine: "m2", boot: "b1" }, false, true],
    ["a container on this machine", { ...dead, ...here, machine: "m2", pids: "pid:[2]" }, false, true],
    ["machines without an id", { ...dead, machine: "", boot: "b1" }, false, true],
  ])("%s", (_, holder, isShared, holds) => {
    expect(stillHolds(holder, "/", here, () => isShared)).toBe(holds);
  });
});

test("a holder of another machine counts as running; the message names the file, and how to take over", () => {
  leaveDeadLock({ host: "another-host", machine: "another", boot: "another" });
  const told = problem(() => takeLock(path, "up", {}));
  expect(told).toContain("pid 1 on another-host (up, since 2026-01-01");
  expect(told).toContain(`rm ${path}`);
});

test("a killed run's lock from before the host was renamed is taken over", () => {
  leaveDeadLock({ host: "old-name" });
  takeLock(path, "up", {}).release();
});

test("a release leaves a lock that is another's by now", () => {
  const mine = takeLock(path, "up", {});
  leaveDeadLock({ pid: process.pid, started: processStart(process.pid) });
  mine.release();
  expect(readFileSync(path, "utf8")).toContain('"dead"');
});

test("a home that is not there is no lock of another's", () => {
  expect(() => takeLock(join(path, "nowhere/lock"), "up", {})).toThrow("ENOENT");
});

describe("many processes at once", () => {
  const crowd = 12;
  const rounds = 20;
  const processes: ChildProcess[] = [];

  /** One answer of each process. */
  const answers = () =>
    Promise.all(processes.map((child) => new Promise<string>((resolve) => child.once("message", resolve))));
  const tellAll = (message: object) => {
    const answered = answers();
    for (const child of processes) child.send(message);
    return answered;
  };

  beforeAll(async () => {
    const folder = scratchFolder();
    const script = join(folder, "taker.js");
    buildSync({
      entryPoints: [join(__dirname, "taker.ts")],
      outfile: script,
      bundle: true,
      platform: "node",
      logLevel: "error",
    });
    for (let n = 0; n < crowd; n++) processes.push(fork(script, { env: {} }));
    await answers();
  }, 300_000);

  afterAll(() => {
    for (const child of processes) child.disconnect();
  });

  test.each(["free", "a dead holder's"])(
    "exactly one gets it where it is %s",
    async (state) => {
      for (let round = 0; round < rounds; round++) {
        if (state !== "free") leaveDeadLock();
        // All begin at the same moment, so that they meet.
        const results = await tellAll({ path, at: Date.now() + 20 });
        expect(results.filter((result) => result === "taken")).toHaveLength(1);
        expect(results.filter((result) => result === "refused")).toHaveLength(crowd - 1);
        await tellAll({ release: true });
        expect(existsSync(path)).toBe(false);
      }
      expect(readdirSync(join(path, ".."))).toEqual([]);
    },
    300_000,
  );
});
