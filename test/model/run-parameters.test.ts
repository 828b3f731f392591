import {
  bootstrapParametersOf,
  checkParametersOf,
  installParametersOf,
  stepParameters,
} from "../../lib/model/run-parameters";
import { describeInstance } from "../support/deployment";

test("the parameters of an instance's steps are what the steps take", () => {
  const deployment = describeInstance({
    openclaw: { user: "alice" },
    openrouter: { referer: "https://a.b" },
  });
  const check = checkParametersOf(deployment);
  const install = installParametersOf(deployment);
  expect(stepParameters.verify.strict().parse(check)).toEqual(check);
  expect(stepParameters.install.strict().parse(install)).toEqual(install);
  const bootstrap = bootstrapParametersOf(deployment);
  expect(stepParameters.bootstrap.strict().parse(bootstrap)).toEqual(bootstrap);
  expect(check).toMatchObject({ user: "alice", referer: "https://a.b", vaultVersion: "1.21.2" });
  expect(install).toMatchObject({ user: "alice", folder: deployment.openclawFolder });
});

test.each([
  ["hashicorp/vault:1.21.2@sha256:3b92", "1.21.2"],
  ["registry.example:5000/vault:v1.20.1", "1.20.1"],
  ["registry.example:5000/vault@sha256:3b92", undefined],
  ["hashicorp/vault:latest", undefined],
])("the version that an image's tag shows: %s", (image, version) => {
  expect(checkParametersOf(describeInstance({ vault: { image } })).vaultVersion).toBe(version);
});

test("a seal is named only if Vault unseals itself", () => {
  expect(Object.keys(checkParametersOf(describeInstance()))).not.toContain("seal");
  const transit = { address: "https://vault.example:8200", tokenFile: "/token" };
  const sealed = describeInstance({ vault: { seal: { type: "transit", transit } } });
  expect(checkParametersOf(sealed).seal).toBe("transit");
});

test("an external Vault has neither the instance's TLS files nor its version", () => {
  const external = describeInstance({ vault: { address: "https://vault.example:8200" } });
  const check = checkParametersOf(external);
  expect(check.external).toEqual({ prefix: "openclaw-default", keyPath: "secret/openrouter" });
  expect(Object.keys(check)).not.toEqual(expect.arrayContaining(["tls"]));
  expect(Object.keys(check)).not.toEqual(expect.arrayContaining(["vaultVersion"]));
});

test("bootstrap takes the place at which Vault answers now", () => {
  const place = { address: "https://127.0.0.1:9999", caFile: "/ca.pem" };
  expect(bootstrapParametersOf(describeInstance(), place)).toMatchObject(place);
});
