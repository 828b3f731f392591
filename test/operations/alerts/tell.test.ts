import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Observation } from "../../../lib/model/alert";
import { homePaths } from "../../../lib/model/home-paths";
import { tell } from "../../../lib/operations/alerts/tell";
import { lastAlerts } from "../../../lib/store/history";
import { channelsRecord } from "../../../lib/store/records/alert-channels";
import { scratchFolder } from "../../support/folder";

const folder = scratchFolder();
const home = homePaths(join(folder));
const received = join(folder, "received");
const at = "2026-11-20T12:00:00.000Z";
const sealed: Observation = {
  at,
  conditions: [{ id: "vault.sealed", severity: "critical", summary: "Vault is sealed." }],
  determined: [],
};
const told = () => (readFileSync(received, "utf8").match(/"event":"vault.sealed"/g) ?? []).length;

beforeAll(() => {
  const program = join(folder, "tell");
  writeFileSync(program, `#!/bin/sh\ncat >>"${received}"\n`, { mode: 0o755 });
  channelsRecord.write(home, {
    channels: [{ name: "command", kind: "command", target: program, added: at }],
  });
});

test("a state is reported once, and recorded in the history", async () => {
  await tell({ instance: "default", home }, [sealed]);
  await tell({ instance: "default", home }, [sealed]);
  expect([told(), lastAlerts(home, 10)]).toEqual([1, [expect.objectContaining({ event: "vault.sealed" })]]);
});

test.each(["", "{", '{"version":9}'])(
  "a damaged state (%j) silences nobody: it is reported once more",
  async (text) => {
    writeFileSync(home.alertState, text);
    const before = told();
    await tell({ instance: "default", home }, [sealed]);
    await tell({ instance: "default", home }, [sealed]);
    expect(told()).toBe(before + 1);
  },
);
