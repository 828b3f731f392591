import { VaultProvider, type VaultProviderConfig } from "@cdktf/provider-vault/lib/provider";
import { App, TerraformStack, TerraformVariable, Testing } from "cdktf";
import type { ExternalVaultProps } from "../../lib/constructs/external-vault";
import { OpenRouterSecret, type OpenRouterSecretProps } from "../../lib/constructs/openrouter-secret";
import { VaultServer } from "../../lib/constructs/vault-server";
import { keyVersion } from "../../lib/model/openrouter-key";
import {
  externalVaultIdentities,
  identities,
  identityNames,
  roleParameters,
} from "../../lib/model/vault/identities";
import { canary, describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { plainStack, synthesize } from "../support/template";

const version = keyVersion(canary, 2);

/** A Vault of the same app, in a stack of its own. */
function ownVault(stack: TerraformStack): VaultServer {
  const other = new TerraformStack(stack.node.root, "vault");
  return new VaultServer(other, "server", { home: "/srv/instance", instanceId: "an-id" });
}

function template(props: Partial<OpenRouterSecretProps> = {}) {
  const stack = plainStack();
  const vault = ownVault(stack);
  new OpenRouterSecret(stack, "openrouter", { vault, keyVersion: version, keyGeneration: 2, ...props });
  return synthesize(stack);
}

const byDefault = template();

test("the key is an ephemeral, sensitive variable with an empty default", () => {
  expect(byDefault.json.variable.openrouter_api_key).toMatchObject({
    type: "string",
    default: "",
    ephemeral: true,
    sensitive: true,
  });
});

test("the variable refuses another key than the one of this declaration", () => {
  const [validation] = byDefault.json.variable.openrouter_api_key.validation;
  expect(validation.condition).toBe(
    `\${var.openrouter_api_key == "" || parseint(substr(sha256("2:\${var.openrouter_api_key}"), 0, 12), 16) == tonumber("${version}")}`,
  );
});

test("the secret is written by a write-only argument, whose version tells keys apart", () => {
  const secret = byDefault.resource("vault_kv_secret_v2");
  expect(secret).toMatchObject({
    name: "openrouter",
    mount: expect.stringMatching(/^\$\{vault_mount\..*\.path\}$/),
    data_json_wo:
      '${var.openrouter_api_key == "" ? "no key" : jsonencode({ api_key = var.openrouter_api_key })}',
    data_json_wo_version: version,
    lifecycle: { prevent_destroy: true },
  });
  // Anything else that may change would fail at apply: the provider then parses an empty write-only value.
  for (const attribute of ["data_json", "custom_metadata", "options", "disable_read"]) {
    expect(secret).not.toHaveProperty(attribute);
  }
});

test("the mount is kv-v2 at secret/, where other secrets live: it cannot be destroyed", () => {
  expect(byDefault.resource("vault_mount")).toMatchObject({
    path: "secret",
    type: "kv",
    options: { version: "2" },
    lifecycle: { prevent_destroy: true },
  });
});

test("the audit device writes to standard output", () => {
  expect(byDefault.resource("vault_audit")).toMatchObject({
    type: "file",
    path: "file",
    options: { file_path: "stdout" },
  });
});

describe.each(identityNames)("the %s", (name) => {
  const identity = identities[name];

  test("has the very policy that bootstrap wrote", () => {
    expect(byDefault.resource("vault_policy", `${name}-policy`)).toMatchObject({
      name: identity.role,
      policy: identity.policy,
    });
  });

  test("has a role with that policy alone, batch tokens, and secret ids that do not expire", () => {
    const role = byDefault.resource("vault_approle_auth_backend_role", `${name}-role`);
    expect(role).toMatchObject({
      backend: "approle",
      role_name: identity.role,
      token_policies: [expect.stringMatching(/^\$\{vault_policy\..*\.name\}$/)],
    });
    // What bootstrap writes and what Terraform compares is one and the same.
    const { token_policies: _, ...parameters } = roleParameters(identity);
    for (const [field, value] of Object.entries(parameters)) {
      const isNothing = value === 0 || (Array.isArray(value) && value.length === 0);
      expect([field, role[field] ?? (isNothing ? value : undefined)]).toEqual([field, value]);
    }
  });
});

test("all that bootstrap wrote is imported, and nothing of it is Terraform's to make", () => {
  const imports = byDefault.json.import as { id: string; to: string }[];
  expect(imports.map(({ id, to }) => `${to.split(".")[0]} ${id}`).sort()).toEqual([
    "vault_approle_auth_backend_role auth/approle/role/openclaw-auditor",
    "vault_approle_auth_backend_role auth/approle/role/openclaw-deployer",
    "vault_approle_auth_backend_role auth/approle/role/openclaw-reader",
    "vault_audit file",
    "vault_mount secret",
    "vault_policy openclaw-auditor",
    "vault_policy openclaw-deployer",
    "vault_policy openclaw-reader",
  ]);
  const declared = Object.entries(byDefault.json.resource as Record<string, object>).flatMap(
    ([type, named]) => Object.keys(named).map((name) => `${type}.${name}`),
  );
  expect(declared.filter((address) => !imports.some(({ to }) => to === address))).toEqual([
    expect.stringMatching(/^vault_kv_secret_v2\./),
  ]);
});

test("Terraform declares no auth method, and makes no token or secret id", () => {
  expect(Object.keys(byDefault.json.resource).sort()).toEqual([
    "vault_approle_auth_backend_role",
    "vault_audit",
    "vault_kv_secret_v2",
    "vault_mount",
    "vault_policy",
  ]);
});

test("defaults alone make a stack: the first generation", () => {
  const stack = plainStack();
  new OpenRouterSecret(stack, "openrouter", { vault: ownVault(stack), keyVersion: 0 });
  expect(synthesize(stack).json.variable.openrouter_api_key.validation[0].condition).toContain('sha256("0:$');
});

test.each([
  [{ keyVersion: 1.5 }, "theirs/openrouter: option 'keyVersion' is 1.5; expected a whole number"],
  [{ keyVersion: Number.NaN }, "option 'keyVersion' is NaN"],
  [{ keyVersion: -1 }, "option 'keyVersion' is -1; expected a whole number, 0 or more"],
  [{ keyGeneration: -1 }, "option 'keyGeneration' is -1; expected a whole number, 0 or more"],
  [{ keyGeneration: 1.5 }, "option 'keyGeneration' is 1.5"],
])("refuses %j", (props, message) => {
  expect(() => template(props)).toThrow(message);
});

test("two in a stack are refused: both keys would go to the Vault of the stack's provider", () => {
  const stack = plainStack();
  const vault = ownVault(stack);
  new OpenRouterSecret(stack, "openrouter", { vault, keyVersion: 1 });
  expect(() => new OpenRouterSecret(stack, "second", { vault, keyVersion: 2 })).toThrow(
    "theirs/second: the stack has theirs/openrouter already; expected one OpenRouterSecret a stack",
  );
  const other = new TerraformStack(stack.node.root, "other");
  expect(() => new OpenRouterSecret(other, "second", { vault, keyVersion: 2 })).not.toThrow();
});

test("beside its server it is refused: its plan would log in to a Vault that is not there yet", () => {
  const stack = plainStack();
  const vault = new VaultServer(stack, "server", { home: "/srv/instance", instanceId: "an-id" });
  expect(() => new OpenRouterSecret(stack, "openrouter", { vault, keyVersion: 1 })).toThrow(
    "theirs/openrouter: its stack declares theirs/server as well; expected a stack of its own",
  );
});

describe("the stack's provider of Vault", () => {
  function withProvider(...providers: VaultProviderConfig[]) {
    const stack = new TerraformStack(new App({ outdir: scratchFolder(), skipValidation: true }), "theirs");
    new OpenRouterSecret(stack, "openrouter", { vault: ownVault(stack), keyVersion: 1 });
    // Declared later than the key, which is as good.
    for (const [index, config] of providers.entries()) new VaultProvider(stack, `vault-${index}`, config);
    return Testing.synth(stack);
  }
  const address = "https://127.0.0.1:8200";

  test("is that of the Vault, also beside one of another Vault by an alias", () => {
    expect(withProvider({ address }, { address: "https://b:8200", alias: "b" })).toContain(address);
  });

  test.each<[string, VaultProviderConfig[], string]>([
    ["another one", [{ address: "https://b:8200" }], "'VaultProvider.address' is https://b:8200; expected"],
    ["one of an alias only", [{ address, alias: "b" }], "'VaultProvider.address' is undefined; expected"],
    ["none", [], `theirs/openrouter: option 'VaultProvider.address' is undefined; expected ${address}, `],
    [
      "one that verifies no certificate",
      [{ address, skipTlsVerify: true }],
      "'VaultProvider.skipTlsVerify' is true; expected none",
    ],
  ])("%s is refused: it would get the credential of the deployer, and the key", (_, providers, message) => {
    expect(() => withProvider(...providers)).toThrow(message);
  });
});

test("a version and a generation that Terraform knows later pass", () => {
  const stack = plainStack();
  const number = (name: string) => new TerraformVariable(stack, name, { type: "number" }).numberValue;
  new OpenRouterSecret(stack, "openrouter", {
    vault: ownVault(stack),
    keyVersion: number("version"),
    keyGeneration: number("generation"),
  });
  const all = synthesize(stack);
  expect(all.resource("vault_kv_secret_v2").data_json_wo_version).toBe("${var.version}");
  expect(all.json.variable.openrouter_api_key.validation[0].condition).toMatchInlineSnapshot(
    `"\${var.openrouter_api_key == "" || parseint(substr(sha256("\${var.generation}:\${var.openrouter_api_key}"), 0, 12), 16) == tonumber("\${var.version}")}"`,
  );
});

describe("in an external Vault", () => {
  const names = { prefix: "openclaw-lab-3f2a91c4", keyPath: "secret/openrouter" };

  function external(props: Partial<ExternalVaultProps> = {}) {
    const address = "https://vault.example:8200";
    const given = { home: "/srv/instance", address, prefix: names.prefix, ...props };
    const stack = plainStack(given.address);
    const vault = VaultServer.fromAddress(stack, "external", given);
    new OpenRouterSecret(stack, "openrouter", { vault, keyVersion: version, keyGeneration: 2 });
    return { vault, all: synthesize(stack) };
  }

  const parametersOf = (id: string, props: Partial<ExternalVaultProps> = {}) => {
    const step = external(props).all.resource("terraform_data", id);
    return JSON.parse(step.provisioner[0]["local-exec"].environment.OPENCLAW_OPENROUTER_PARAMETERS);
  };

  test("nothing of it is declared but its identities, with less rights than in a Vault of one's own", () => {
    const { all } = external();
    expect(Object.keys(all.json.resource).sort()).toEqual([
      "terraform_data",
      "vault_approle_auth_backend_role",
      "vault_policy",
    ]);
    for (const name of identityNames) {
      const { role, policy } = externalVaultIdentities(names)[name];
      expect(all.resource("vault_policy", `${name}-policy`)).toMatchObject({ name: role, policy });
    }
  });

  test("a step checks it, and another stores the key after the identities", () => {
    const { all } = external();
    const command = (id: string) => all.resource("terraform_data", id).provisioner[0]["local-exec"].command;
    expect(command("external")).toMatch(/ connect$/);
    expect(command("openrouter_key")).toMatch(/ store-key$/);
    expect(all.resource("terraform_data", "openrouter_key")).toMatchObject({
      depends_on: [1, 2, 3].map(() => expect.stringMatching(/^vault_approle_auth_backend_role\./)),
      triggers_replace: { 0: String(version) },
    });
  });

  test("both are told where it is, with its CA, or with the rule for plain HTTP", () => {
    const caFile = "/etc/vault-ca.pem";
    const place = { home: "/srv/instance", address: "https://vault.example:8200", caFile };
    expect(parametersOf("external", { caFile })).toEqual({
      ...place,
      external: names,
    });
    expect(parametersOf("openrouter_key", { caFile })).toEqual({
      ...{ ...place, external: names },
      ...{ keyVersion: version, keyGeneration: 2 },
    });
    expect(parametersOf("external", { address: "http://127.0.0.1:8200", container: "v1" })).toEqual({
      home: "/srv/instance",
      address: "http://127.0.0.1:8200",
      listener: { home: "/srv/instance", container: "v1" },
      external: { container: "v1", ...names },
    });
  });

  test("a provider finds its address and CA as those of a Vault of one's own", () => {
    expect(external({ caFile: "/ca.pem" }).vault).toMatchObject({
      address: "https://vault.example:8200",
      caFile: "/ca.pem",
    });
  });

  test("it takes the names that `up` wrote for an instance, which are no other's", () => {
    const { external: written } = describeInstance({ vault: { address: "https://vault.example:8200" } });
    expect(parametersOf("external", { prefix: written!.prefix }).external).toEqual(written);
  });

  test.each([
    [{ home: "home" }, "theirs/external: option 'home' is home; expected an absolute path"],
    [{ address: "http://10.0.0.5:8200" }, "option 'address' is http://10.0.0.5:8200; expected an https URL"],
    [{ address: "vault.example:8200" }, "option 'address' is vault.example:8200; expected an https URL"],
    [{ address: "https://vault.example/" }, "that does not end in /"],
    [{ caFile: "ca.pem" }, "option 'caFile' is ca.pem; expected an absolute path"],
    [{ otherAddresses: ["http://b:8200"] }, "option 'otherAddresses' is http://b:8200; expected https URLs"],
    [{ otherAddresses: ["https://b:8200/"] }, "option 'otherAddresses' is https://b:8200/"],
    [{ prefix: "" }, "option 'prefix' is ; expected how the names of `up` begin"],
    [{ keyPath: "secret/*" }, "option 'keyPath' is secret/*; expected a path in the store secret/"],
  ])("refuses %j", (props, message) => {
    expect(() => external(props)).toThrow(message);
  });
});
