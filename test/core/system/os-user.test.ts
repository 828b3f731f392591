import { chmodSync, chownSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { UserError } from "../../../lib/core/errors";
import { loginGroups } from "../../../lib/core/system/login-groups";
import { actAs } from "../../../lib/core/system/os-user";
import { scratchFolder } from "../../support/folder";
import { testUnless } from "../../support/skip";

jest.mock("../../../lib/core/system/login-groups", () => {
  const actual = jest.requireActual("../../../lib/core/system/login-groups");
  return { loginGroups: jest.fn(actual.loginGroups) };
});

const nobody = { name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent" };
const testAsRoot = testUnless(process.geteuid?.() === 0 ? undefined : "only root can act as another user");

testAsRoot("file operations run as the user, and root's rights return", () => {
  expect(actAs(nobody, () => [process.geteuid?.(), process.getegid?.()])).toEqual([65534, 65534]);
  expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
});

testAsRoot("a user reaches what is open to another of the user's groups, and root's groups return", () => {
  const own = process.getgroups?.();
  const secondGroup = 47_110;
  jest.mocked(loginGroups).mockReturnValueOnce([nobody.gid, secondGroup]);
  const folder = scratchFolder();
  const file = join(folder, "file");
  writeFileSync(file, "text");
  for (const [path, mode] of [[folder, 0o750] as const, [file, 0o640] as const]) {
    chownSync(path, 0, secondGroup);
    chmodSync(path, mode);
  }
  expect(actAs(nobody, () => readFileSync(file, "utf8"))).toBe("text");
  expect(process.getgroups?.()).toEqual(own);
  expect(() => actAs(nobody, () => readFileSync(file))).toThrow("EACCES");
});

testAsRoot("a Node that refuses every change of user is named, and nothing is done as root", () => {
  // As Debian 13's does.
  const refused = Object.assign(new Error("seteuid() disabled: io_uring may be enabled."), {
    code: "ERR_INVALID_STATE",
  });
  const seteuid = jest.spyOn(process, "seteuid").mockImplementation(() => {
    throw refused;
  });
  const work = jest.fn();
  try {
    expect(() => actAs(nobody, work)).toThrow(UserError);
    expect(() => actAs(nobody, work)).toThrow(/cannot act as nobody.*\n.*libuv/);
    expect(work).not.toHaveBeenCalled();
  } finally {
    seteuid.mockRestore();
  }
});
