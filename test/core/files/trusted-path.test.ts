import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isPrivateGroup, requireTrusted } from "../../../lib/core/files/trusted-path";
import { cacheRoot } from "../../../lib/core/system/cache-root";
import { locateEngine } from "../../../lib/docker/engine-locate";
import { instances, readInstance } from "../../../lib/store/home";
import { userCliConfig } from "../../../lib/terraform/cli-config";
import { scratchFolder } from "../../support/folder";
import { describeAsRoot } from "../../support/skip";

/** Debian's nobody. */
const stranger = 65_534;

let folder: string;
beforeEach(() => {
  folder = scratchFolder();
});

function made(name: string, mode: number): string {
  const path = join(folder, name);
  mkdirSync(path);
  chmodSync(path, mode);
  return path;
}

test("what is not there, and what is one's own, is trusted", () => {
  requireTrusted(join(folder, "missing"), "It");
  requireTrusted(made("own", 0o755), "It");
});

test.each([
  ["everybody can write to it", 0o777],
  ["it is a folder such as /tmp", 0o1777],
])("not if %s", (_, mode) => {
  expect(() => requireTrusted(made("open", mode), "It")).toThrow(/everybody can write to/);
});

test("a link to itself, and links with `..` behind a link, are walked to their end", () => {
  symlinkSync("self", join(folder, "self"));
  requireTrusted(join(folder, "self"), "It");
  mkdirSync(join(folder, "far/deep"), { recursive: true });
  made("far/target", 0o755);
  symlinkSync("far/deep", join(folder, "link"));
  symlinkSync("../target", join(folder, "far/deep/up"));
  made("target", 0o777);
  requireTrusted(join(folder, "link/up"), "It");
  chmodSync(join(folder, "far/target"), 0o777);
  expect(() => requireTrusted(join(folder, "far/deep/up"), "It")).toThrow(/far\/target, which everybody/);
});

test("nor if the folder above it is open; one such as /tmp is, and nobody exchanges another's there", () => {
  const open = made("open", 0o777);
  mkdirSync(join(open, "in"));
  expect(() => requireTrusted(join(open, "in"), "It")).toThrow(`${open}, which everybody can write to`);
  const sticky = made("sticky", 0o1777);
  mkdirSync(join(sticky, "in"));
  requireTrusted(join(sticky, "in"), "It");
});

test("the command that takes it back has the path as one word, whatever others named it", () => {
  const open = made("a;id $(id)", 0o777);
  expect(() => requireTrusted(open, "It")).toThrow(
    `chown ${process.getuid?.()} '${open}' && chmod go-w '${open}'`,
  );
});

test.each([
  ["of the user's number", 1001, "alice:x:1001:", true],
  ["of the user's name, where the number was taken", 1002, "staff:x:1001:\nalice:x:1002:alice", true],
  ["of the user's number that this host does not list", 1001, "", true],
  ["of another name and number", 1002, "staff:x:1002:", false],
  ["of another number that this host does not list", 1002, "", false],
  ["that another user was added to", 1001, "alice:x:1001:alice,openclaw", false],
  ["that is another user's first one as well", 1003, "alice:x:1003:", false],
])("a group %s: that it is the user's alone is reported", (_, gid, groups, expected) => {
  const users = "root:x:0:0::/root:\nalice:x:1001:1001::/home/alice:\nopenclaw:x:1005:1003::/:\n";
  expect(isPrivateGroup(gid, 1001, users, `root:x:0:\n${groups}\n`)).toBe(expected);
});

describeAsRoot("of another user's", () => {
  test("neither it nor where a link leads", () => {
    const theirs = made("theirs", 0o700);
    chownSync(theirs, stranger, stranger);
    expect(() => requireTrusted(theirs, "It")).toThrow(`belongs to uid ${stranger}`);
    symlinkSync(theirs, join(folder, "link"));
    expect(() => requireTrusted(join(folder, "link"), "It")).toThrow(`belongs to uid ${stranger}`);
  });

  test("nor what a link in their folder leads to, at the first or a later step, before it or in the middle", () => {
    const [own, theirs] = [made("own", 0o755), made("theirs", 0o755)];
    mkdirSync(join(own, "deep"));
    for (const [name, target] of [
      ["file", own],
      ["relative", "../own/deep"],
    ] as const)
      symlinkSync(target, join(theirs, name));
    symlinkSync(join(theirs, "file"), join(own, "to-theirs"));
    chownSync(theirs, stranger, stranger);
    const refused = `${theirs}, which belongs to uid ${stranger}`;
    for (const path of [
      "theirs/file",
      "theirs/relative",
      "theirs/file/deep",
      "own/to-theirs",
      "own/to-theirs/deep",
    ])
      expect(() => requireTrusted(join(folder, path), "It")).toThrow(refused);
    requireTrusted(join(own, "deep"), "It");
  });

  test("nor their link in a folder such as /tmp; one's own link there is", () => {
    const [own, sticky] = [made("own", 0o755), made("sticky", 0o1777)];
    for (const name of ["mine", "theirs"]) symlinkSync(own, join(sticky, name));
    lchownSync(join(sticky, "theirs"), stranger, stranger);
    requireTrusted(join(sticky, "mine"), "It");
    expect(() => requireTrusted(join(sticky, "theirs"), "It")).toThrow(`belongs to uid ${stranger}`);
  });

  test("nor a file that is still missing behind a link into their folder", () => {
    const theirs = made("theirs", 0o755);
    chownSync(theirs, stranger, stranger);
    symlinkSync(join(theirs, "missing"), join(folder, "link"));
    expect(() => requireTrusted(join(folder, "link"), "It")).toThrow(
      `${theirs}, which belongs to uid ${stranger}`,
    );
  });

  test("what its group may write to", () => {
    const shared = made("shared", 0o775);
    chownSync(shared, 0, stranger);
    expect(() => requireTrusted(shared, "It")).toThrow(`the group ${stranger} can write to`);
  });

  test("the cache, the homes, a home, Terraform's and Docker's configuration are refused by name", () => {
    const home = made("home", 0o755);
    chownSync(home, stranger, stranger);
    mkdirSync(join(home, ".cache/openclaw-openrouter"), { recursive: true });
    mkdirSync(join(home, ".openclaw-openrouter/default"), { recursive: true });
    mkdirSync(join(home, ".docker"));
    writeFileSync(join(home, ".docker/config.json"), "{}");
    writeFileSync(join(home, ".terraformrc"), "");
    expect(() => cacheRoot({ HOME: home })).toThrow(/The cache.*cannot be trusted/s);
    expect(() => instances({ OPENCLAW_OPENROUTER_HOME: join(home, ".openclaw-openrouter") })).toThrow(
      /instance directories/,
    );
    expect(() => readInstance(join(home, ".openclaw-openrouter/default"))).toThrow(/instance directory/);
    expect(() => userCliConfig("terraform", { HOME: home })).toThrow(/Terraform's configuration/);
    expect(() => locateEngine({ HOME: home })).toThrow(/Docker's configuration/);
  });
});
