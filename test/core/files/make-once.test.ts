import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { draftName, makeOnce } from "../../../lib/core/files/make-once";
import { processStart } from "../../../lib/core/system/live-process";
import { failure, scratchFolder } from "../../host/support";

const root = scratchFolder();
let count = 0;
const freshFolder = () => join(root, `parent-${++count}`);
/** The end of each temporary name of this host. */
const here = draftName("x").split("-").at(-1);

test("the folder appears complete, and is made but once by many at a time", async () => {
  const parent = freshFolder();
  const target = join(parent, "part");
  let made = 0;
  const seenHalfway: boolean[] = [];
  const make = async (folder: string) => {
    made++;
    writeFileSync(join(folder, "a"), "first");
    await new Promise((resolve) => setImmediate(resolve));
    seenHalfway.push(existsSync(target));
    writeFileSync(join(folder, "b"), "second");
  };
  await Promise.all([makeOnce(target, make), makeOnce(target, make), makeOnce(target, make)]);
  expect(made).toBe(1);
  expect(seenHalfway).toEqual([false]);
  expect(readdirSync(target).sort()).toEqual(["a", "b"]);
  expect(readdirSync(parent)).toEqual(["part"]);
});

test("a failure leaves nothing behind, and the next attempt succeeds", async () => {
  const parent = freshFolder();
  const target = join(parent, "part");
  const message = await failure(() =>
    makeOnce(target, async (folder) => {
      writeFileSync(join(folder, "half"), "x");
      throw new Error("compiler fell over");
    }),
  );
  expect(message).toBe("compiler fell over");
  expect(readdirSync(parent)).toEqual([]);
  await makeOnce(target, async (folder) => writeFileSync(join(folder, "whole"), "y"));
  expect(readFileSync(join(target, "whole"), "utf8")).toBe("y");
});

test("what a killed process left is removed; a living one is waited for, and named", async () => {
  const parent = freshFolder();
  const target = join(parent, "part");
  const dead = join(parent, `.making-part-1000-1-999999999-1-${here}`);
  mkdirSync(dead, { recursive: true });
  writeFileSync(join(dead, "half"), "x");

  const other = spawn("sleep", ["60"]);
  const active = join(parent, `.making-part-1001-1-${other.pid}-${processStart(other.pid ?? 0)}-${here}`);
  mkdirSync(active);
  let waitedFor = 0;
  const made = makeOnce(target, async (folder) => writeFileSync(join(folder, "mine"), "z"), {
    onWait: (pid) => {
      waitedFor = pid;
      other.kill("SIGKILL");
    },
  });
  await made;
  expect(waitedFor).toBe(other.pid);
  expect(readdirSync(parent)).toEqual(["part"]);
});

test("what another host or container makes in a shared folder is left to it for a day, and not waited for", async () => {
  const parent = freshFolder();
  const [active, old] = [Date.now(), Date.now() - 2 * 86_400_000].map((since) =>
    join(parent, `.making-part-${since}-1-999999999-1-0123abcd`),
  ) as [string, string];
  for (const folder of [active, old]) mkdirSync(folder, { recursive: true });
  await makeOnce(join(parent, "part"), async (folder) => writeFileSync(join(folder, "mine"), "z"));
  expect(readdirSync(parent).sort()).toEqual([basename(active), "part"]);
});

test("a full disk is reported with a fix, and nothing is left there", async () => {
  const parent = freshFolder();
  const message = await failure(() =>
    makeOnce(join(parent, "part"), async () => {
      throw Object.assign(new Error("ENOSPC: no space left on device, write"), { code: "ENOSPC" });
    }),
  );
  expect(message).toContain("no space left on device");
  expect(message).toContain("OPENCLAW_OPENROUTER_CACHE");
  expect(readdirSync(parent)).toEqual([]);
});
