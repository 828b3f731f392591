import { chmodSync, chownSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { loginGroups } from "../../lib/core/system/login-groups";
import { runUsersProgram, versionOfUsersProgram } from "../../lib/host/users-program";
import { scratchFolder } from "../support/folder";
import { describeAsRoot } from "../support/skip";

jest.mock("../../lib/core/system/login-groups", () => ({ loginGroups: jest.fn() }));

const account = { name: "nobody", uid: 65_534, gid: 65_534, home: "/nonexistent" };
const secondGroup = 47_110;

describeAsRoot("a program of a user in two groups", () => {
  const folder = scratchFolder();
  const program = join(folder, "program");
  writeFileSync(program, '#!/bin/sh\necho "$(/usr/bin/id -u):$(/usr/bin/id -g):$(/usr/bin/id -G):$*"\n');
  for (const path of [folder, program]) {
    chownSync(path, 0, secondGroup);
    chmodSync(path, 0o750);
  }
  const options = { args: ["one two", "three"], env: {}, cwd: folder, input: "", timeout: 10_000 };

  test("has both, and reaches what is open to the second", async () => {
    jest.mocked(loginGroups).mockReturnValue([account.gid, secondGroup]);
    const result = await runUsersProgram(program, { ...options, account });
    expect(result).toMatchObject({ exitCode: 0, failure: undefined });
    expect(result.stdout).toBe(`65534:65534:65534 ${secondGroup}:one two three\n`);
    expect(versionOfUsersProgram(program, account)).toContain("--version");
  });

  test("is started by a shell that is never in root's own folder, to which a process of that user would lead", async () => {
    jest.mocked(loginGroups).mockReturnValue([account.gid, secondGroup]);
    // A relative folder shows where the shell begins.
    const where = { ...options, cwd: "proc/self", args: ["-P"] };
    expect(await runUsersProgram("/bin/pwd", { ...where, account })).toMatchObject({
      stdout: expect.stringMatching(/^\/proc\/\d+\n$/),
    });
  });

  test("is out of reach of a user who is in one alone", async () => {
    jest.mocked(loginGroups).mockReturnValue([account.gid]);
    expect(await runUsersProgram(program, { ...options, account })).toMatchObject({ stdout: "" });
    expect(versionOfUsersProgram(program, account)).toBeUndefined();
  });
});
