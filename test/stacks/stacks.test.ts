import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { App, type TerraformStack } from "cdktf";
import { Construct } from "constructs";
import { buildApp } from "../../lib/stacks/build-app";
import { OpenRouterStack } from "../../lib/stacks/openrouter-stack";
import { VaultStack } from "../../lib/stacks/vault-stack";
import { canary, describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { type Block, synthesize, type Template } from "../support/template";

function build(settings: object = {}, place: Parameters<typeof describeInstance>[1] = {}, more: object = {}) {
  const app = buildApp({
    deployment: describeInstance(settings, place),
    instanceId: "an-id",
    image: "an-image:1",
    keyVersion: 17,
    keyGeneration: 0,
    outdir: scratchFolder(),
    ...more,
  });
  const stack = (name: string) => app.node.findChild(name) as TerraformStack;
  return { app, stack, vault: synthesize(stack("vault")), openrouter: synthesize(stack("openrouter")) };
}

const built = new Map<string, ReturnType<typeof build>>();

/** Each declaration is synthesized once. */
function templates(...[settings, place]: Parameters<typeof build>): ReturnType<typeof build> {
  const name = JSON.stringify([settings, place]);
  const known = built.get(name) ?? build(settings, place);
  built.set(name, known);
  return known;
}

/** `terraform_data` of a step, by what it runs. */
function step(template: Template, name: string): Block {
  const steps = Object.entries(template.resources("terraform_data"));
  const found = steps.find(([, block]) => block.provisioner[0]["local-exec"].command.endsWith(` ${name}`));
  if (!found) throw new Error(`no step ${name}`);
  return { address: `terraform_data.${found[0]}`, ...found[1] };
}

const transit = { address: "https://kms.example.org", tokenFile: "/etc/vault/token" };

/** The resources of a stack, by address, each with those that Terraform creates before it. */
function resourcesOf({ json }: Template): Map<string, ReadonlySet<string>> {
  const blocks = new Map<string, string>();
  for (const [type, ofType] of Object.entries<Block>(json.resource))
    for (const [id, block] of Object.entries(ofType)) blocks.set(`${type}.${id}`, JSON.stringify(block));
  const before = (address: string, found = new Set<string>()) => {
    for (const other of blocks.keys()) {
      const isNamed = new RegExp(`\\b${other}\\b`).test(blocks.get(address) ?? "");
      if (other === address || found.has(other) || !isNamed) continue;
      found.add(other);
      before(other, found);
    }
    return found;
  };
  return new Map([...blocks.keys()].map((address) => [address, before(address)]));
}

test("two instances in one app do not write over each other: each below a construct of its own", () => {
  const app = new App({ outdir: scratchFolder(), skipValidation: true });
  for (const instance of ["production", "staging"]) {
    const around = new Construct(app, instance);
    const deployment = describeInstance({}, { instance, home: `/homes/${instance}` });
    const { vault } = new VaultStack(around, { deployment, instanceId: instance, image: "an-image:1" });
    new OpenRouterStack(around, { deployment, vault, keyVersion: 17, keyGeneration: 0 });
  }
  app.synth();
  const states = Object.fromEntries(
    readdirSync(join(app.outdir, "stacks")).map((name) => {
      const text = readFileSync(join(app.outdir, "stacks", name, "cdk.tf.json"), "utf8");
      return [name, JSON.parse(text).terraform.backend.local.path];
    }),
  );
  expect(states).toEqual({
    "production-vault": "/homes/production/terraform/vault.tfstate",
    "production-openrouter": "/homes/production/terraform/openrouter.tfstate",
    "staging-vault": "/homes/staging/terraform/vault.tfstate",
    "staging-openrouter": "/homes/staging/terraform/openrouter.tfstate",
  });
});

describe("both stacks", () => {
  test("ask for the versions that were tried, not for those of the bindings", () => {
    const { vault, openrouter } = templates();
    expect(vault.json.terraform.required_providers).toEqual({
      docker: { source: "kreuzwerker/docker", version: "4.6.0" },
    });
    expect(openrouter.json.terraform.required_providers).toEqual({
      local: { source: "hashicorp/local", version: "2.9.0" },
      vault: { source: "hashicorp/vault", version: "5.9.0" },
    });
    for (const { json } of [vault, openrouter]) expect(json.terraform.required_version).toBe(">= 1.11.0");
  });

  test("keep their state in the instance directory, each its own", () => {
    const { vault, openrouter } = templates();
    expect(vault.json.terraform.backend).toEqual({
      local: { path: "/homes/default/terraform/vault.tfstate" },
    });
    expect(openrouter.json.terraform.backend).toEqual({
      local: { path: "/homes/default/terraform/openrouter.tfstate" },
    });
  });

  // Terraform has a step as created in its memory before the step runs, and writes this down with the next other resource. Killed
  // then, it takes the step for done: Vault's container once started without its certificate.
  test.each([
    ["of a Vault of its own", {}],
    ["of a Vault that unseals itself", { vault: { seal: { type: "transit", transit } } }],
    ["of an external Vault", { vault: { address: "https://vault.example:8200" } }],
  ])("%s create nothing beside a step", (_, settings) => {
    const { vault, openrouter } = templates(settings);
    for (const template of [vault, openrouter]) {
      const all = resourcesOf(template);
      for (const [step, before] of all) {
        if (!step.startsWith("terraform_data.")) continue;
        const others = [...all].filter(([other]) => other !== step && !before.has(other));
        const beside = others.filter(([, after]) => !after.has(step)).map(([other]) => other);
        expect([step, beside]).toEqual([step, []]);
      }
    }
  });

  test("are deployed in order, without a reference from one to the other", () => {
    const { stack, vault, openrouter } = templates();
    expect(stack("openrouter").dependsOn(stack("vault"))).toBe(true);
    for (const { json, text } of [vault, openrouter]) {
      expect(json).not.toHaveProperty("output");
      expect(json).not.toHaveProperty("data");
      expect(text).not.toContain("terraform_remote_state");
    }
  });

  test("pass CDKTF's own validations as an app", () => {
    expect(() => templates().app.synth()).not.toThrow();
  });
});

describe("a backend of the settings", () => {
  const config = {
    bucket: "states",
    key: "openclaw/{stack}.tfstate",
    assume_role: { role_arn: "arn:{stack}:{stack}" },
  };
  const { vault, openrouter } = templates({ terraform: { backend: { type: "s3", config } } });

  test("stands instead of the local one, with the stack's name in it", () => {
    expect(vault.json.terraform.backend).toEqual({
      s3: { bucket: "states", key: "openclaw/vault.tfstate", assume_role: { role_arn: "arn:vault:vault" } },
    });
  });

  test("gives each stack a state of its own", () => {
    expect(openrouter.json.terraform.backend.s3.key).toBe("openclaw/openrouter.tfstate");
  });
});

describe("the Vault stack", () => {
  test("declares no memory limit where the kernel has none: the engine would drop it, and each plan set it", () => {
    const { vault } = build({}, {}, { limitsMemory: false });
    expect(vault.resource("docker_container")).not.toHaveProperty("memory");
    expect(vault.resource("docker_container")).not.toHaveProperty("memory_swap");
    // A container from before has one, which such an engine refuses to change.
    expect(vault.resource("docker_container").lifecycle.ignore_changes).toContain("memory");
  });

  test("declares the container as the deployment names it, with the image that the host has", () => {
    const { vault } = templates({ vault: { container: "v1", port: 8300, memoryMegabytes: 300 } });
    expect(vault.resource("docker_container")).toMatchObject({ name: "v1", memory: 300 });
    expect(vault.resource("docker_container").ports[0].external).toBe(8300);
    expect(vault.resource("docker_image").name).toBe("an-image:1");
    expect(Object.values(vault.resources("docker_volume")).map(({ name }) => name)).toEqual([
      "v1-data",
      "v1-home",
      "v1-socket",
    ]);
  });

  test("leaves the engine's address to the environment", () => {
    expect(templates().vault.json.provider.docker).toEqual([{}]);
  });

  test("opens that very Vault", () => {
    const { vault } = templates({ vault: { port: 8300, shares: 1, threshold: 1 } });
    const { environment } = step(vault, "bootstrap").provisioner[0]["local-exec"];
    expect(JSON.parse(environment.OPENCLAW_OPENROUTER_PARAMETERS)).toEqual({
      home: "/homes/default",
      address: "https://127.0.0.1:8300",
      caFile: "/homes/default/tls/ca.pem",
      container: "vault",
      dataVolume: "vault-data",
      shares: 1,
      threshold: 1,
    });
  });
});

describe("the OpenRouter stack", () => {
  test("logs in as the deployer by files that are read when Terraform runs, and makes no child token", () => {
    const [provider] = templates().openrouter.json.provider.vault;
    expect(provider).toMatchInlineSnapshot(`
      {
        "address": "https://127.0.0.1:8200",
        "auth_login": [
          {
            "parameters": {
              "role_id": "\${fileexists("/homes/default/credentials/deployer/role_id") ? trimspace(file("/homes/default/credentials/deployer/role_id")) : ""}",
              "secret_id": "\${fileexists("/homes/default/credentials/deployer/secret_id") ? trimspace(file("/homes/default/credentials/deployer/secret_id")) : ""}",
            },
            "path": "auth/approle/login",
          },
        ],
        "ca_cert_file": "/homes/default/tls/ca.pem",
        "skip_child_token": true,
      }
    `);
  });

  test("takes the steps in order: secret, artifacts, check", () => {
    const { openrouter } = templates();
    const installer = step(openrouter, "install");
    expect(installer.depends_on).toContainEqual(expect.stringMatching(/^vault_kv_secret_v2\./));
    expect(step(openrouter, "verify").depends_on).toEqual([installer.address]);
  });

  test("checks again when key, default model or artifacts change", () => {
    const triggers = (settings: object = {}) =>
      Object.values(step(templates(settings).openrouter, "verify").triggers_replace);
    expect(triggers()).toEqual(["17", "anthropic/claude-sonnet-5", expect.stringMatching(/^[0-9a-f]{64}$/)]);
    expect(triggers({ models: { french: "a/b" } })).not.toEqual(triggers());
    expect(triggers({ vault: { memoryMegabytes: 600 } })).toEqual(triggers());
  });

  test("runs the project's own program, by a path that is the same in each checkout", () => {
    for (const name of ["install", "verify"]) {
      expect(step(templates().openrouter, name).provisioner[0]["local-exec"].command).toContain(
        ":-../../../scripts/openclaw-openrouter.mjs}",
      );
    }
  });
});

describe("with vault.address", () => {
  const settings = { vault: { address: "https://vault.example:8200", caFile: "/ca.pem", container: "v1" } };
  const reach = {
    home: "/homes/default",
    address: "https://vault.example:8200",
    caFile: "/ca.pem",
    external: { container: "v1", prefix: "openclaw-default", keyPath: "secret/openrouter" },
  };
  const parameters = (template: Template, name: string) =>
    JSON.parse(step(template, name).provisioner[0]["local-exec"].environment.OPENCLAW_OPENROUTER_PARAMETERS);

  test("the Vault stack declares nothing, and sees that Vault can be used", () => {
    const { vault } = templates(settings);
    expect(Object.keys(vault.json.resource)).toEqual(["terraform_data"]);
    expect(vault.json).not.toHaveProperty("provider");
    expect(parameters(vault, "connect")).toEqual(reach);
  });

  test("of a cluster: the provider takes the address of the server that answers from its environment", () => {
    const address = ["https://one:8200", "https://two:8200"];
    const { openrouter, vault } = templates({ vault: { ...settings.vault, address } });
    expect(openrouter.json.provider.vault[0].address).toBe("${var.vault_address}");
    expect(openrouter.json.variable.vault_address).toMatchObject({ default: address[0], ephemeral: true });
    expect(parameters(vault, "connect")).toMatchObject({ address: address[0], otherAddresses: [address[1]] });
    expect(JSON.stringify(openrouter.json)).toContain("https://one:8200 https://two:8200");
  });

  test("in a namespace: the provider, its login, the steps and OpenClaw's files name it", () => {
    const { openrouter, vault } = templates({ vault: { ...settings.vault, namespace: "admin/team" } });
    const [provider] = openrouter.json.provider.vault;
    expect(provider).toMatchObject({ namespace: "admin/team", auth_login: [{ namespace: "admin/team" }] });
    for (const [template, name] of [
      [vault, "connect"],
      [openrouter, "store-key"],
      [openrouter, "verify"],
    ] as const)
      expect(parameters(template, name)).toMatchObject({ namespace: "admin/team" });
    expect(JSON.stringify(openrouter.json.resource.local_file)).toContain("VAULT_NAMESPACE");
    expect(JSON.stringify(templates(settings).openrouter.json)).not.toMatch(/namespace/i);
  });

  test("of that Vault, the second stack declares our policies and roles alone", () => {
    const { openrouter } = templates(settings);
    expect(Object.keys(openrouter.json.resource).sort()).toEqual([
      "local_file",
      "terraform_data",
      "vault_approle_auth_backend_role",
      "vault_policy",
    ]);
    expect(openrouter.json.provider.vault[0]).toMatchObject({
      address: "https://vault.example:8200",
      ca_cert_file: "/ca.pem",
    });
  });

  test("a step stores the key, for each version of it, once the roles are there", () => {
    const { openrouter } = templates(settings);
    const store = step(openrouter, "store-key");
    expect(store.address).toBe("terraform_data.openrouter_key");
    expect(Object.values(store.triggers_replace)).toEqual(["17"]);
    expect(store.depends_on).toHaveLength(3);
    expect(parameters(openrouter, "store-key")).toEqual({ ...reach, keyVersion: 17, keyGeneration: 0 });
    expect(step(openrouter, "install").depends_on).toContain(store.address);
  });
});

test("what may not be lost cannot be destroyed, and nothing else is held fast", () => {
  const { vault, openrouter } = templates();
  const kept = [vault, openrouter].flatMap(({ json }) =>
    Object.entries(
      json.resource as Record<string, Record<string, { lifecycle?: { prevent_destroy?: boolean } }>>,
    ).flatMap(([type, blocks]) =>
      Object.values(blocks).flatMap(({ lifecycle }) => (lifecycle?.prevent_destroy ? [type] : [])),
    ),
  );
  expect(kept.sort()).toEqual([
    "docker_volume",
    "docker_volume",
    "docker_volume",
    "vault_kv_secret_v2",
    "vault_mount",
  ]);
});

test("users' own words are no expressions to Terraform", () => {
  const { openrouter } = templates({
    openclaw: { instanceName: "${path.root}", environment: "%{ if true }" },
  });
  const { content } = openrouter.resource("local_file", "config.json");
  expect(content).toContain('"instance_name": "$${path.root}"');
  expect(content).toContain('"environment": "%%{ if true }"');
});

test("a home of an unusual name is a path still, and no expression", () => {
  const { vault, openrouter } = templates({}, { home: '/homes/a "b" ${c}' });
  // Terraform takes a backend's options as they stand, without expressions.
  expect(vault.json.terraform.backend.local.path).toBe('/homes/a "b" ${c}/terraform/vault.tfstate');
  expect(openrouter.json.provider.vault[0].auth_login[0].parameters.role_id).toContain(
    'file("/homes/a \\"b\\" $${c}/credentials/deployer/role_id")',
  );
});

test("no secret is in what is synthesized", () => {
  process.env.TF_VAR_openrouter_api_key = canary;
  try {
    const { vault, openrouter } = build();
    for (const { text } of [vault, openrouter]) expect(text).not.toContain(canary.slice(9, 30));
  } finally {
    delete process.env.TF_VAR_openrouter_api_key;
  }
});
