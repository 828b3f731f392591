import { accountOf } from "../../lib/core/system/os-user";
import { userOfContainer } from "../../lib/host/gateway-processes";

test("the user of a container is that of its first process, by the kernel", () => {
  expect(userOfContainer(process.pid)).toEqual({ uid: process.geteuid?.(), gid: process.getegid?.() });
  // No process has a pid above the kernel's limit.
  expect(userOfContainer(2 ** 30)).toBeUndefined();
});

test("a container's user is an account by its numbers, though the host has no such user", () => {
  expect(accountOf("54321:54322")).toEqual({ name: "uid 54321", uid: 54321, gid: 54322, home: "/" });
});
