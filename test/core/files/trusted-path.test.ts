import { chmodSync, chownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { requireTrusted } from "../../../lib/core/files/trusted-path";
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

test("nor if the folder above it is open; one such as /tmp is, and nobody exchanges another's there", () => {
  const open = made("open", 0o777);
  mkdirSync(join(open, "in"));
  expect(() => requireTrusted(join(open, "in"), "It")).toThrow(`${open}, which everybody can write to`);
  const sticky = made("sticky", 0o1777);
  mkdirSync(join(sticky, "in"));
  requireTrusted(join(sticky, "in"), "It");
});

describeAsRoot("of another user's", () => {
  test("neither it nor where a link leads", () => {
    const theirs = made("theirs", 0o700);
    chownSync(theirs, stranger, stranger);
    expect(() => requireTrusted(theirs, "It")).toThrow(`belongs to uid ${stranger}`);
    symlinkSync(theirs, join(folder, "link"));
    expect(() => requireTrusted(join(folder, "link"), "It")).toThrow(`belongs to uid ${stranger}`);
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
