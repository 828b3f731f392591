import { canonicalNetwork } from "../../../lib/core/network/canonical-network";

test.each([
  ["10.0.0.7", "10.0.0.7/32"],
  ["10.0.0.7/32", "10.0.0.7/32"],
  ["10.1.0.0/16", "10.1.0.0/16"],
  // Vault 1.21 keeps `fd00:0:::7` of it for secret ids, which no host has.
  ["FD00:0:0::7/128", "fd00::7/128"],
  ["fd00::7", "fd00::7/128"],
  ["2001:db8:0:0:8::7/64", "2001:db8::8:0:0:7/64"],
  // Vault 1.21 keeps the IPv4 address of these, by which it sees the host.
  ["::ffff:10.0.0.7/128", "10.0.0.7/32"],
  ["::FFFF:a00:7", "10.0.0.7/32"],
  ["::ffff:10.1.0.0/112", "10.1.0.0/16"],
  ["::ffff:0:0/95", "::ffff:0.0.0.0/95"],
  ["none", "none"],
])("the network %s is %s", (text, expected) => {
  expect(canonicalNetwork(text)).toBe(expected);
});
