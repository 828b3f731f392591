import { strict as assert } from "node:assert";
import { type HostRow, hasSystemd, isUsers } from "../row";
import type { Site } from "../site";
import type { Step } from "../step";

export const withoutSystemd = (row: HostRow) =>
  hasSystemd(row) ? undefined : "systemd of sid does not boot where the hosts are made";
/** Vault is unsealed by its owner. */
export const withoutOwnVault = (row: HostRow) =>
  row.from === "setup guide" ? "the Vault is its owner's, not the instance's" : undefined;
/** Why no schedule runs by itself. */
export const withoutSchedules = (row: HostRow) =>
  withoutSystemd(row) ??
  (row.deployer === "user" ? "a user's units run only while they are logged in, without linger" : undefined);

export const schedule: Step = {
  id: "schedule",
  title: "`schedule add`, and each service runs",
  notTried: withoutSystemd,
  run(site) {
    const { row } = site;
    if (row.deployer === "user") {
      refusedWithoutLinger(site);
      return;
    }
    const names = row.from === "setup guide" ? ["check", "drift"] : ["check", "drift", "backup", "unseal"];
    const { schedules } = site.json<{ schedules: { name: string; skipped?: string }[] }>("schedule add");
    assert.deepEqual(
      schedules.filter(({ skipped }) => skipped === undefined).map(({ name }) => name),
      names,
    );
    const scope = isUsers(row) ? "--user " : "";
    for (const name of names)
      site.mustSh(`systemctl ${scope}start openclaw-openrouter-${name}-default.service`);
  },
};

/** Nobody is logged in: the user's own systemd does not run, and the fix is named. */
function refusedWithoutLinger(site: Site): void {
  const { code, stderr } = site.run("schedule add");
  assert.equal(code, 1, stderr);
  assert.match(stderr, /loginctl enable-linger ann/);
}
