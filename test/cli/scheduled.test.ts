import { mkdirSync } from "node:fs";
import { runScheduled } from "../../lib/cli/scheduled";
import { homePaths } from "../../lib/model/home-paths";
import { instanceHome } from "../../lib/store/home";
import { takeLock } from "../../lib/store/lock";
import { readScheduledRun } from "../../lib/store/records/scheduled-runs";
import { scratchFolder } from "../support/folder";

const before = process.env.OPENCLAW_OPENROUTER_HOME;
afterEach(() => {
  if (before === undefined) delete process.env.OPENCLAW_OPENROUTER_HOME;
  else process.env.OPENCLAW_OPENROUTER_HOME = before;
});

test.each(["check", "drift", "backup", "unseal"] as const)(
  "a scheduled %s begins once no other run works on the instance",
  async (name) => {
    process.env.OPENCLAW_OPENROUTER_HOME = scratchFolder();
    const home = homePaths(instanceHome("trial"));
    for (const instance of ["trial", "free"]) mkdirSync(instanceHome(instance), { recursive: true });
    const lock = takeLock(home.lock, "up", {});
    let isReleased = false;
    const began = jest.fn(async () => expect(isReleased).toBe(true));
    const ended = runScheduled({ name, instance: "trial" }, began);
    // As long as it takes where nothing holds the lock.
    await runScheduled({ name, instance: "free" }, async () => {});
    isReleased = true;
    lock.release();
    await ended;
    expect(began).toHaveBeenCalledTimes(1);
    expect(readScheduledRun(home, name)?.exitCode).toBe(0);
  },
);
