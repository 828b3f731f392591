import { chmodSync, chownSync, lchownSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { findGo } from "../../lib/bundle/go";
import { exchangeable, trustedProgram, untrustedProgram } from "../../lib/host/trusted-files";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

describeAsRoot("what another user than root could exchange", () => {
  let place: string;
  const file = () => join(place, "program/dist/cli.cjs");

  beforeEach(() => {
    place = scratchFolder();
    mkdirSync(join(place, "program/dist"), { recursive: true });
    writeFileSync(file(), "");
    symlinkSync(join(place, "program"), join(place, "link"));
  });

  test("is nothing of root's own, even below a sticky folder or by a link", () => {
    expect(exchangeable([join(place, "program"), join(place, "link/dist")])).toBeUndefined();
  });

  test.each<[string, () => void, string]>([
    ["a file of another's", () => chownSync(file(), 1234, 0), "belongs to uid 1234"],
    ["a folder of another's", () => chownSync(join(place, "program/dist"), 1234, 0), "belongs to uid 1234"],
    ["a folder on the way", () => chownSync(place, 1234, 0), "belongs to uid 1234"],
    ["a folder on the way that others may write", () => chmodSync(place, 0o777), "everybody can write to"],
    [
      "a file that a group may write",
      () => [chownSync(file(), 0, 1234), chmodSync(file(), 0o664)],
      "the group 1234 can write to",
    ],
    ["a link of another's", () => lchownSync(join(place, "link"), 1234, 0), "belongs to uid 1234"],
  ])("is %s", (_, change, why) => {
    change();
    const found = exchangeable([join(place, "link/dist"), join(place, "link"), join(place, "program")]);
    expect(found?.why).toContain(why);
  });

  test("is a link in the middle of a chain of links", () => {
    mkdirSync(join(place, "theirs"));
    symlinkSync(file(), join(place, "theirs/second"));
    symlinkSync("theirs/second", join(place, "first"));
    chownSync(join(place, "theirs"), 1234, 0);
    expect(exchangeable([join(place, "first")])).toMatchObject({ path: join(place, "theirs") });
  });

  test("is a file below a folder that a link leads to", () => {
    chownSync(file(), 1234, 0);
    expect(exchangeable([join(place, "link")])?.path).toBe(join(place, "link/dist/cli.cjs"));
  });

  test("is a file in a folder that was walked through as part of another one", () => {
    chownSync(file(), 1234, 0);
    expect(exchangeable([place, join(place, "program/dist")])?.path).toBe(file());
    expect(exchangeable([join(place, "program/dist"), place])?.path).toBe(file());
  });

  test("is a file that only the walk from the nearer folder comes to", () => {
    const deep = join(place, "1/2/3/4/5/6/7/8");
    mkdirSync(deep, { recursive: true });
    writeFileSync(join(deep, "provider"), "");
    chownSync(join(deep, "provider"), 1234, 0);
    expect(exchangeable([join(place, "1"), place])?.path).toBe(join(deep, "provider"));
    expect(exchangeable([place, join(place, "1")])?.path).toBe(join(deep, "provider"));
  });

  test("is nothing of this program", () => {
    expect(untrustedProgram()).toBeUndefined();
  });

  test.each(["systemctl", "getent", "id"])("is %s of another user first on the PATH", (name) => {
    const { PATH } = process.env;
    writeFileSync(join(place, name), "", { mode: 0o755 });
    process.env.PATH = `${place}:${PATH}`;
    try {
      expect(untrustedProgram()).toBeUndefined();
      chownSync(join(place, name), 1234, 0);
      expect(untrustedProgram()?.message).toMatch(
        new RegExp(`${name}, which belongs to uid 1234.*PATH`, "s"),
      );
      process.env.PATH = `${PATH}:${place}`;
      expect(untrustedProgram()).toBeUndefined();
    } finally {
      process.env.PATH = PATH;
    }
  });

  test.each(["dockerd", "dpkg-deb"])("is %s of another user, which not every system has", (name) => {
    const { PATH } = process.env;
    writeFileSync(join(place, name), "", { mode: 0o755 });
    chownSync(join(place, name), 1234, 0);
    process.env.PATH = `${place}:${PATH}`;
    try {
      expect(untrustedProgram()?.message).toMatch(
        new RegExp(`${name}, which belongs to uid 1234.*PATH`, "s"),
      );
    } finally {
      process.env.PATH = PATH;
    }
  });

  test("is a program that only some commands start, once one does", async () => {
    const { PATH } = process.env;
    const go = join(place, "go");
    writeFileSync(go, "#!/bin/sh\nprintf 'go1.25.0\\nauto\\n'\n", { mode: 0o755 });
    process.env.PATH = `${place}:${PATH}`;
    try {
      expect(trustedProgram("go")).toBe(go);
      expect(await findGo()).toEqual({ version: "1.25.0", fetchesNewer: true });
      chownSync(go, 1234, 0);
      expect(() => trustedProgram("go")).toThrow(/go, which belongs to uid 1234.*PATH/s);
      await expect(findGo()).rejects.toThrow("belongs to uid 1234");
    } finally {
      process.env.PATH = PATH;
    }
  });

  describe("named by TERRAFORM_BINARY_NAME", () => {
    const { PATH, TERRAFORM_BINARY_NAME: before } = process.env;
    afterEach(() => {
      process.env.PATH = PATH;
      if (before === undefined) delete process.env.TERRAFORM_BINARY_NAME;
      else process.env.TERRAFORM_BINARY_NAME = before;
    });

    test.each<[string, () => string]>([
      ["a path", () => join(place, "mine")],
      ["a name", () => "mine"],
    ])("by %s, is a program that root does not run", (_, name) => {
      writeFileSync(join(place, "mine"), "", { mode: 0o755 });
      process.env.PATH = `${place}:${PATH}`;
      process.env.TERRAFORM_BINARY_NAME = name();
      expect(untrustedProgram()).toBeUndefined();
      chownSync(join(place, "mine"), 1234, 0);
      expect(untrustedProgram()?.message).toMatch(/mine, which belongs to uid 1234.*TERRAFORM_BINARY_NAME/s);
    });
  });
});
