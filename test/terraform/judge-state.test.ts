import type { TerraformStack } from "cdktf";
import { declaredAddresses, declaredProviders } from "../../lib/model/declared-providers";
import { buildApp } from "../../lib/stacks/build-app";
import { declaredTypes, judgeState } from "../../lib/terraform/judge-state";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { synthesize } from "../support/template";

const resource = {
  mode: "managed",
  type: "vault_mount",
  name: "it",
  provider: 'provider["registry.terraform.io/hashicorp/vault"]',
  instances: [{ attributes: {} }],
};
const state = (change: object = {}) => ({
  version: 4,
  lineage: "a",
  serial: 1,
  resources: [{ ...resource, ...change }],
});
const judge = (json: unknown) => () => judgeState(json, "A state");

describe("what is taken for declared is what the stacks declare", () => {
  const settings = [
    {},
    { vault: { tls: false } },
    { vault: { address: "https://vault.example" } },
    { vault: { seal: { type: "transit", transit: { address: "https://t.example", tokenFile: "/t" } } } },
  ];
  test.each(settings)("%j", (given) => {
    const app = buildApp({
      deployment: describeInstance(given),
      instanceId: "an-id",
      image: "an-image:1",
      keyVersion: 17,
      keyGeneration: 0,
      outdir: scratchFolder(),
    });
    for (const name of ["vault", "openrouter"]) {
      const { json } = synthesize(app.node.findChild(name) as TerraformStack);
      const providers = Object.values(json.terraform.required_providers ?? {}) as { source: string }[];
      for (const { source } of providers) expect(declaredProviders).toContain(source);
      const known = Object.values(declaredTypes).flat();
      for (const type of Object.keys(json.resource ?? {})) expect(known).toContain(type);
      expect(json.data).toBeUndefined();
    }
  });
});

test("none, and one of both programs' registries, pass", () => {
  expect(judge(undefined)).not.toThrow();
  for (const address of declaredAddresses) {
    const provider = `provider["${address}"]`;
    const type = declaredTypes[address.split("/")[2]!]![0]!;
    const attributes = { keep_locally: true, filename: "/h/default/rendered/config.json" };
    expect(judge(state({ provider, type, instances: [{ attributes }] }))).not.toThrow();
  }
  expect(
    judge(state({ type: "terraform_data", provider: 'provider["terraform.io/builtin/terraform"]' })),
  ).not.toThrow();
});

test.each([
  ["a foreign provider", { provider: 'provider["registry.terraform.io/evil/evil"]' }],
  ["a provider of another registry", { provider: 'provider["evil.example/hashicorp/vault"]' }],
  [
    "a provider that only begins as ours",
    { provider: 'provider["registry.terraform.io/hashicorp/vault/x"]' },
  ],
  ["a provider with a line break", { provider: 'provider["registry.terraform.io/hashicorp/vault"]\n' }],
  ["a foreign type", { type: "vault_token" }],
  ["a type of another provider", { type: "local_file" }],
  ["a type by a name of every object", { type: "constructor" }],
  ["a data source", { mode: "data" }],
  ["a module", { module: "module.evil" }],
])("%s is refused", (_, change) => {
  expect(judge(state(change))).toThrow("Nothing was changed");
});

const local = { type: "local_file", provider: 'provider["registry.terraform.io/hashicorp/local"]' };
test.each(["/etc/passwd", "/etc/rendered/x", "/a/../rendered/config.json", "rendered/config.json", 7])(
  "a file %s, which Terraform would delete, is refused",
  (filename) => {
    expect(judge(state({ ...local, instances: [{ attributes: { filename } }] }))).toThrow("local_file.it");
  },
);

describe("what Terraform would read, and the judge would not", () => {
  const evil = [{ ...resource, ...local, instances: [{ attributes: { filename: "/etc/ssh/sshd_config" } }] }];
  const instances = [{ attributes: { filename: "/etc/ssh/sshd_config" } }];
  test.each<[string, object]>([
    ["resources in another case", { ...state(), Resources: evil }],
    ["resources with a sign that folds to a letter", { ...state(), "re\u017fources": evil }],
    ["instances in another case", state({ ...local, instances: [], INSTANCES: instances })],
    ["a type in another case", state({ Type: "local_file" })],
    [
      "attributes in another case",
      state({ ...local, instances: [{ Attributes: instances[0]!.attributes }] }),
    ],
    ["flat attributes", state({ ...local, instances: [{ attributes_flat: instances[0]!.attributes }] })],
    ["a provider of an instance", state({ instances: [{ provider: 'provider["evil.example/evil/evil"]' }] })],
  ])("is refused: %s", (_, json) => {
    expect(judge(json)).toThrow("another shape");
  });
});

test("every name that Terraform or OpenTofu writes passes", () => {
  const instance = {
    index_key: 0,
    status: "tainted",
    deposed: "0123abcd",
    schema_version: 0,
    attributes: { Filename: "not read" },
    sensitive_attributes: [],
    identity: null,
    identity_schema_version: 0,
    private: "",
    dependencies: [],
    create_before_destroy: true,
    skip_destroy: true,
  };
  const root = { terraform_version: "1.11.4", outputs: { Name: {} }, check_results: null };
  expect(judge({ ...state({ each: "list", instances: [instance] }), ...root })).not.toThrow();
});

test.each([[null], ["x"], [{}], [{ version: 3, lineage: "a", serial: 1 }]])("%j is refused", (json) => {
  expect(judge(json)).toThrow("another shape");
});
