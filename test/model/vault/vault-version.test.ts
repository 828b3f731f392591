import {
  endlessWarning,
  parseProgram,
  programOfLabels,
  requireSupported,
} from "../../../lib/model/vault/vault-version";

test.each([
  ["Vault v1.21.2 (3ab54d7b1e50b4cbd7dab06bd5bbd06d3ba0e4ae), built 2026-01-06T08:33:05Z", "Vault", "1.21.2"],
  ["Vault v1.21.2, built 2025-11-28T18:38:27Z", "Vault", "1.21.2"],
  [" [0mVault v1.21.2, built 2025-11-28T18:38:27Z [0m", "Vault", "1.21.2"],
  ["Vault v2.0.0-rc1 (abc), built 2026", "Vault", "2.0.0-rc1"],
  ["Vault v1.21.2+ent.hsm (abc)", "Vault", "1.21.2+ent.hsm"],
  ["a warning\nOpenBao v2.5.0 (abc), built 2026", "OpenBao", "2.5.0"],
])("%j is of %s %s", (said, product, version) => {
  expect(parseProgram(said)).toEqual({ product, version });
});

test.each(["", "vault: not found", "Consul v1.2.3", "about Vault v1.2.3"])("%j says nothing", (said) => {
  expect(parseProgram(said)).toBeUndefined();
});

test.each([
  [{ name: "Vault", vendor: "HashiCorp", version: "2.0.0" }, "2.0.0"],
  [
    {
      "org.opencontainers.image.title": "openclaw-openrouter/vault",
      "org.opencontainers.image.version": "1.21.2",
    },
    "1.21.2",
  ],
  // Of the image that it was made from.
  [{ "org.opencontainers.image.version": "22.04" }, undefined],
  [{ "org.opencontainers.image.title": "Ubuntu", "org.opencontainers.image.version": "1.0.4" }, undefined],
  [{ name: "Vault", version: "1.0.0" }, undefined],
  [{ name: "Vault", vendor: "HashiCorp", version: "latest" }, undefined],
  [{}, undefined],
])("the labels %j say version %s", (labels, version) => {
  expect(programOfLabels(labels as Record<string, string>)?.version).toBe(version);
});

test.each(["1.21.2", "1.15.0", "1.22.0+ent"])("Vault %s is taken", (version) => {
  expect(() => requireSupported({ product: "Vault", version }, "an image")).not.toThrow();
});

test.each([
  ["Vault" as const, "2.0.0", "Vault 2 and newer are not supported"],
  ["Vault" as const, "2.0.0-rc1", "require a token for generate-root"],
  ["Vault" as const, "10.1.0", "Vault 10.1.0 in an image"],
  ["OpenBao" as const, "2.5.0", "OpenBao is not supported"],
  ["OpenBao" as const, "1.0.0", "OpenBao is not supported"],
])("%s %s is refused: %s", (product, version, words) => {
  expect(() => requireSupported({ product, version }, "an image")).toThrow(words);
});

test.each([
  ["1.21.2", true],
  ["1.21.4", true],
  ["1.20.9", true],
  ["1.21.4+ent", true],
  ["1.21.5", false],
  ["1.22.0", false],
])("Vault %s has the weakness by which a stranger keeps generate-root from ending: %s", (version, has) => {
  const warning = endlessWarning(version);
  expect(warning !== undefined).toBe(has);
  if (has) expect(warning).toMatch(/CVE-2026-5807.*newer than 1\.21\.4/);
});
