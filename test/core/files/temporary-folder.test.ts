import { spawnSync } from "node:child_process";
import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { basename, dirname, join } from "node:path";
import {
  socketsParent,
  type withTemporaryFolder as WithTemporaryFolder,
} from "../../../lib/core/files/temporary-folder";
import { scratchFolder } from "../../support/folder";
import { describeAsRoot } from "../../support/skip";

let mockTemporary = "/tmp";
jest.mock("node:os", () => ({ ...jest.requireActual("node:os"), tmpdir: () => mockTemporary }));

let withTemporaryFolder: typeof WithTemporaryFolder;

beforeEach(async () => {
  mockTemporary = "/tmp";
  mockTemporary = scratchFolder();
  // It looks for left-overs once a run: each test is one.
  jest.resetModules();
  ({ withTemporaryFolder } = await import("../../../lib/core/files/temporary-folder"));
});

/** A folder with a file in it. */
function folder(name: string): string {
  const path = join(mockTemporary, name);
  mkdirSync(path);
  writeFileSync(join(path, "file"), "");
  return path;
}

test("a folder is its user's alone, and is gone afterwards, failed or not", async () => {
  let made = "";
  const failing = withTemporaryFolder("word", async (path) => {
    made = path;
    expect(dirname(path)).toBe(mockTemporary);
    expect((statSync(path).mode & 0o777).toString(8)).toBe("700");
    writeFileSync(join(path, "file"), "");
    throw new Error("failed");
  });
  await expect(failing).rejects.toThrow("failed");
  expect(existsSync(made)).toBe(false);
});

/** What a run leaves that is killed while it uses its folder: one with the pid of a process that has ended. */
async function killedRun(): Promise<string> {
  const { pid } = spawnSync("true");
  const used = await withTemporaryFolder("killed", async (path) => basename(path));
  return folder(used.replace(`-${process.pid.toString(36)}-`, `-${pid.toString(36)}-`));
}

test("what a killed run left is removed by the next run, and nothing else is", async () => {
  const left = await killedRun();
  const elsewhere = left.replace(/killed-\w+/, "killed-1");
  mkdirSync(elsewhere);
  jest.resetModules();
  const next = await import("../../../lib/core/files/temporary-folder");
  const others = folder("something-else");
  const tests = folder("openclaw-openrouter-test-a");
  symlinkSync(others, left.replace(/.$/, "_"));
  await next.withTemporaryFolder("word", async () => {});
  expect([left, elsewhere, others, tests].map((path) => existsSync(path))).toEqual([false, true, true, true]);
  expect(existsSync(join(others, "file"))).toBe(true);
});

test.each([-400, 400])("a folder in use stays, with a clock that jumped by %d days", async (days) => {
  await withTemporaryFolder("word", async (used) => {
    const changed = Date.now() / 1000 + days * 86_400;
    utimesSync(used, changed, changed);
    jest.resetModules();
    const another = await import("../../../lib/core/files/temporary-folder");
    await another.withTemporaryFolder("word", async () => expect(existsSync(used)).toBe(true));
  });
});

test.each([
  ["/tmp", "/tmp"],
  ["/var/tmp", "/var/tmp"],
  ["/home/ada/a project of some length/tmp", "/tmp"],
])(
  "sockets of a run with TMPDIR %s are made in %s: a socket's path has at most 107 characters",
  (usual, parent) => {
    expect(socketsParent(usual)).toBe(parent);
  },
);

describe("the folder that the environment names", () => {
  const ignored = async (environment: NodeJS.ProcessEnv) => {
    const { forgetUnusableTmpdir } = await import("../../../lib/core/files/temporary-folder");
    return forgetUnusableTmpdir(environment);
  };

  test("is used if nobody else can replace what is put there: one's own, or one such as /tmp", async () => {
    const [own, sticky] = [folder("own"), folder("sticky")];
    chmodSync(sticky, 0o1777);
    const environment = { TMPDIR: own, TMP: sticky, TEMP: "" };
    expect(await ignored(environment)).toEqual([]);
    expect(environment).toEqual({ TMPDIR: own, TMP: sticky, TEMP: "" });
  });

  test("is not if it is gone", async () => {
    const environment = { TMPDIR: join(mockTemporary, "gone"), HOME: "/" };
    expect(await ignored(environment)).toEqual([`TMPDIR names ${mockTemporary}/gone, which is missing`]);
    expect(environment).toEqual({ HOME: "/" });
  });

  test.each(["TMPDIR", "TMP", "TEMP"])("nor if others could: by %s", async (name) => {
    const open = folder("open");
    chmodSync(open, 0o777);
    mkdirSync(join(open, "in"));
    const environment = { [name]: join(open, "in") };
    expect(await ignored(environment)).toEqual([
      `${name} names ${open}/in, where another user could replace files, by way of ${open}, which everybody can write to`,
    ]);
    expect(environment).toEqual({});
  });
});

describeAsRoot("for root, the folder of another user", () => {
  test("is not used, as `su` and `sudo -E` leave it", async () => {
    const theirs = folder("theirs");
    chmodSync(theirs, 0o700);
    chownSync(theirs, 65_534, 65_534);
    const { forgetUnusableTmpdir } = await import("../../../lib/core/files/temporary-folder");
    const environment = { TMPDIR: theirs };
    expect(forgetUnusableTmpdir(environment)).toEqual([
      expect.stringContaining(`${theirs}, which belongs to uid 65534`),
    ]);
    expect(environment).toEqual({});
  });
});

test("a folder that cannot be listed is searched for no left-overs", async () => {
  const { removeLeftOvers } = await import("../../../lib/core/files/temporary-folder");
  // Root can list every folder; a file stands for one with mode 1733.
  const path = join(folder("private"), "file");
  expect(() => removeLeftOvers([path], process.getuid?.())).not.toThrow();
});

test("names that other users put there in any number take little time", async () => {
  const { removeLeftOvers, temporaryName } = await import("../../../lib/core/files/temporary-folder");
  const flooded = folder("flooded");
  // Of a process that there is not.
  const name = temporaryName("x").replace(/-[^-]+-[^-]+-$/, "-zzzzz-0-");
  for (let number = 0; number < 30_000; number++) writeFileSync(join(flooded, `${name}${number}`), "");
  const before = process.cpuUsage();
  removeLeftOvers([flooded], process.getuid?.());
  const { user, system } = process.cpuUsage(before);
  // In microseconds.
  expect(user + system).toBeLessThan(300_000);
});
