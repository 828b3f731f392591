import { isPrivateAddress } from "../../../lib/core/network/private-address";

test.each([
  ["10.0.0.5", true],
  ["172.16.0.1", true],
  ["172.31.255.255", true],
  ["172.32.0.1", false],
  ["192.168.1.10", true],
  ["100.64.0.1", true],
  ["fd12:3456::1", true],
  ["127.0.0.1", false],
  ["0.0.0.0", false],
  ["::", false],
  ["8.8.8.8", false],
  ["2001:db8::1", false],
  ["vault.internal", false],
  ["10.0.0.5/24", false],
  ["", false],
])("%s is private: %s", (address, isPrivate) => {
  expect(isPrivateAddress(address)).toBe(isPrivate);
});
