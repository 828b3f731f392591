import { mkdirSync, writeFileSync } from "node:fs";
import { dirname } from "node:path";
import { observeHost } from "../../../lib/operations/alerts/observe-host";
import { scriptOf } from "../../../lib/session/schedule/schedule-script";
import { writeBackups } from "../../../lib/store/records/backup-record";
import { writeScheduledRun } from "../../../lib/store/records/scheduled-runs";
import { homeOf } from "../../support/deployment";
import { scratchFolder } from "../../support/folder";

test("a failed scheduled backup is told until there is a newer backup, also one that a person made", () => {
  const home = homeOf(scratchFolder());
  const script = scriptOf(home.root, "backup");
  mkdirSync(dirname(script), { recursive: true });
  writeFileSync(script, "");
  const backups = (...created: string[]) =>
    writeBackups(
      home,
      created.map((each) => ({ file: "/b", created: each, sha256: "0", clusterId: "c", seal: "shamir" })),
    );
  const told = () =>
    observeHost(home, undefined, new Date("2026-11-25T12:00:00Z")).conditions.map(({ id }) => id);
  writeScheduledRun(home, "backup", { at: "2026-11-24T03:00:00.000Z", exitCode: 1 });
  expect(told()).toEqual(["backup.failed"]);
  backups("2026-11-17T03:00:00.000Z");
  expect(told()).toEqual(["backup.failed"]);
  backups("2026-11-17T03:00:00.000Z", "2026-11-25T11:00:00.000Z");
  expect(told()).toEqual([]);
});
