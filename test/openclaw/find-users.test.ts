import { chmodSync, chownSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findOpenClawUsers } from "../../lib/openclaw/find-users";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

const home = scratchFolder();
const service = { name: "openclaw-daemon", uid: 898, gid: 898, home };

jest.mock("../../lib/core/system/os-user", () => ({
  ...jest.requireActual("../../lib/core/system/os-user"),
  accounts: () => [service],
  accountOfUid: (uid: number) => (uid === service.uid ? service : undefined),
}));

const environment = { HOME: scratchFolder() };
const signsOf = (units: string) =>
  findOpenClawUsers(environment, units).flatMap(({ account, signs }) =>
    account.uid === service.uid ? signs : [],
  );

describeAsRoot("a service that does not run now", () => {
  test("has a user of the system's, who has OpenClaw's folder", () => {
    const folder = join(home, ".openclaw");
    mkdirSync(folder);
    writeFileSync(join(folder, "openclaw.json"), "{}");
    chmodSync(home, 0o755);
    chownSync(folder, service.uid, service.gid);
    expect(signsOf(scratchFolder())).toEqual([`has ${folder}/openclaw.json`]);
  });

  test("names its user, wherever its folder is", () => {
    const units = scratchFolder();
    const unit = (user: string) =>
      `[Service]\nUser=${user}\nEnvironment=OPENCLAW_STATE_DIR=/srv/oc\nExecStart=/usr/bin/openclaw gateway run\n`;
    writeFileSync(join(units, "openclaw-gateway.service"), unit(String(service.uid)));
    writeFileSync(join(units, "openclaw-gone.service"), unit("no-such-user"));
    expect(signsOf(units)).toContain("is the user of the service openclaw-gateway.service");
  });
});
