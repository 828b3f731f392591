import { accountOf } from "../../../lib/core/system/os-user";

jest.mock("node:os", () => ({
  ...jest.requireActual("node:os"),
  userInfo: () => {
    throw new Error("uv_os_get_passwd returned ENOENT");
  },
}));

test("a uid without a name, as in a container that is started with one, is its number", () => {
  const [uid, gid] = [process.getuid?.(), process.getgid?.()];
  expect(accountOf()).toEqual({ name: String(uid), uid, gid, home: process.env.HOME });
});
