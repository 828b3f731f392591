import { UserError } from "../../../lib/core/errors";
import { actAs } from "../../../lib/core/system/os-user";
import { testUnless } from "../../support/skip";

const nobody = { name: "nobody", uid: 65534, gid: 65534, home: "/nonexistent" };
const testAsRoot = testUnless(process.geteuid?.() === 0 ? undefined : "only root can act as another user");

testAsRoot("file operations run as the user, and root's rights return", () => {
  expect(actAs(nobody, () => [process.geteuid?.(), process.getegid?.()])).toEqual([65534, 65534]);
  expect([process.geteuid?.(), process.getegid?.()]).toEqual([0, 0]);
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
