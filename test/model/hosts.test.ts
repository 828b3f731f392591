import { hostName, hostNames, identityOfHost, readerRole } from "../../lib/model/hosts";
import { parsePolicy } from "../../lib/vault/access/policy-text";

test("a host's policy lets it read its own secret, and in an own Vault the CA's certificates", () => {
  const names = hostNames({ prefix: "openclaw", keyPath: "secret/openrouter" }, "web1");
  expect(names).toEqual({ role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" });
  const own = { path: "secret/data/openrouter/web1", capabilities: ["read"] };
  expect(parsePolicy(identityOfHost(names, [], false).policy)).toEqual([own]);
  const ca = { path: "openclaw/ca", capabilities: ["read"] };
  expect(parsePolicy(identityOfHost(names, [], true).policy)).toEqual([own, ca]);
});

test.each([
  ["web1", true],
  ["a".repeat(40), true],
  ["a".repeat(41), false],
  ["Web1", false],
  ["web_1", false],
  ["../reader", false],
  ["web1/x", false],
  ["+", false],
  ["*", false],
  ["", false],
  ["web1\n", false],
])("%j is a host's name: %s", (name, isName) => {
  expect(hostName.safeParse(name).success).toBe(isName);
});

test.each([
  ["openclaw-default-3f2a91c4-reader", true],
  ["openclaw-reader", true],
  ["openclaw-host-web1", true],
  ["openclaw-lab-3f2a91c4-host-web1", true],
  ["openclaw-default-3f2a91c4-deployer", false],
  ["gateway", false],
])("%s reads a key: %s", (role, reads) => {
  expect(readerRole.test(role)).toBe(reads);
});
