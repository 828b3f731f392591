import { spawnSync } from "node:child_process";
import { chownSync, existsSync, mkdirSync, statSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { withUsersTemporaryFolder } from "../../lib/openclaw/folder/as-user";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

describeAsRoot("a temporary folder of another user's", () => {
  const nobody = { name: "nobody", uid: 65_534, gid: 65_534, home: scratchFolder() };
  const own = (path: string) => {
    mkdirSync(join(path, "state"), { recursive: true });
    for (const each of [path, join(path, "state")]) chownSync(each, nobody.uid, nobody.gid);
    return path;
  };

  test("is that user's alone, and is gone afterwards", async () => {
    const made = await withUsersTemporaryFolder(nobody, async (folder) => {
      expect(statSync(folder)).toMatchObject({ uid: nobody.uid, mode: 0o40_700 });
      return folder;
    });
    expect(existsSync(made)).toBe(false);
  });

  test("that a killed run left goes with the next run; one in use stays", async () => {
    const { pid } = spawnSync("true");
    await withUsersTemporaryFolder(nobody, async (used) => {
      const name = basename(used).replace(`-${process.pid.toString(36)}-`, `-${pid.toString(36)}-`);
      const left = own(join(dirname(used), name));
      await withUsersTemporaryFolder(nobody, async () => {});
      expect([left, used].map((path) => existsSync(path))).toEqual([false, true]);
    });
  });
});
