import { gidInContainer, uidInContainer } from "../../lib/host/container-users";

const remapped = "         0     100000      65536\n";
const rootless = "         0       1000          1\n         1     100000      65536\n";
const same = "         0          0 4294967295\n";

test.each([
  ["of an engine with userns-remap", remapped, 100100, 100],
  ["that such an engine's container has not", remapped, 100, 100],
  ["whom a rootless engine names as its containers do", rootless, 100, 100],
  ["of a rootless engine's owner", rootless, 1000, 0],
  ["of a container with the host's users", same, 100100, 100100],
  ["of a container that does not run", "", 100, 100],
])("a user %s", (_, map, uid, expected) => {
  expect(uidInContainer(0, uid, map)).toBe(expected);
});

test("the map is the kernel's, of the process", () => {
  expect(uidInContainer(process.pid, 4)).toBe(4);
  expect(uidInContainer(0, 4)).toBe(4);
  expect(gidInContainer(process.pid, 4)).toBe(4);
});
