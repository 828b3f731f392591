import { lastRun, nextRun, readProperties } from "../../../lib/session/schedule/schedule-status";

/** As `systemctl show` of systemd 252 prints them, in UTC, of many. */
const service = (changed: Record<string, string>) =>
  readProperties(
    Object.entries({
      Type: "oneshot",
      Result: "success",
      ExecMainStartTimestamp: "Sat 2026-11-28 21:00:03 UTC",
      ExecMainExitTimestamp: "Sat 2026-11-28 21:00:41 UTC",
      ExecMainStatus: "0",
      ExecStart: "{ path=/bin/sh ; argv[]=/bin/sh /homes/paris/scheduled-check.sh ; status=0/0 }",
      ActiveState: "inactive",
      ...changed,
    })
      .map(([name, value]) => `${name}=${value}`)
      .join("\n"),
  );

test.each([
  ["success", {}, "success"],
  ["drift", { Result: "exit-code", ExecMainStatus: "2", ActiveState: "failed" }, "exit code 2 (drift)"],
  ["a check", { Result: "exit-code", ExecMainStatus: "1", ActiveState: "failed" }, "exit code 1 (failed)"],
  ["a timeout", { Result: "timeout", ActiveState: "failed" }, "failed, timeout"],
])("the last run was %s", (_, changed, result) => {
  expect(lastRun(service(changed))).toEqual({ last: { at: "2026-11-28 21:00 UTC", result } });
});

test("one that runs now", () => {
  const properties = service({ ActiveState: "activating", ExecMainExitTimestamp: "" });
  expect(lastRun(properties)).toEqual({ last: { at: "2026-11-28 21:00 UTC", result: "runs now" } });
});

test("one that has not run, or that systemd says nothing of", () => {
  expect(lastRun(service({ ExecMainStartTimestamp: "", ExecMainExitTimestamp: "" }))).toEqual({});
  expect(lastRun({})).toEqual({});
  expect(nextRun({})).toEqual({});
});

test("a timer's next run", () => {
  expect(nextRun(readProperties("NextElapseUSecRealtime=Sun 2026-11-29 00:06:13 UTC\n"))).toEqual({
    next: "2026-11-29 00:06 UTC",
  });
});
