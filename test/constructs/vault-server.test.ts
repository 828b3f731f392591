import { DockerProvider } from "@cdktf/provider-docker/lib/provider";
import { App, TerraformStack, TerraformVariable, Testing } from "cdktf";
import { VaultServer, type VaultServerProps } from "../../lib/constructs/vault-server";
import { scratchFolder } from "../support/folder";
import { plainStack, synthesize } from "../support/template";

function template(props: Partial<VaultServerProps> = {}) {
  const stack = plainStack();
  new VaultServer(stack, "server", { home: "/srv/instance", instanceId: "an-id", ...props });
  return synthesize(stack);
}

const byDefault = template();
const container = byDefault.resource("docker_container");

const vaultConfig = (props: Partial<VaultServerProps> = {}) => {
  const { env } = template(props).resource("docker_container");
  const entry = (env as string[]).find((line) => line.startsWith("VAULT_LOCAL_CONFIG="));
  return JSON.parse(entry!.slice("VAULT_LOCAL_CONFIG=".length));
};

describe("the container by default", () => {
  // One line an attribute: each is a promise of its own.
  test.each([
    ["name", "vault"],
    ["restart", "unless-stopped"],
    ["must_run", false],
    ["command", ["server"]],
    ["user", "100:1000"],
    ["capabilities", { add: ["CAP_IPC_LOCK"], drop: ["ALL"] }],
    ["security_opts", ["no-new-privileges"]],
    ["read_only", true],
    ["ports", [{ internal: 8200, external: 8200, ip: "127.0.0.1", protocol: "tcp" }]],
    ["memory", 512],
    ["memory_swap", 512],
    ["log_driver", "json-file"],
    ["log_opts", { "max-size": "10m", "max-file": "3" }],
    ["network_mode", "vault-network"],
    ["destroy_grace_seconds", 30],
    ["labels", [{ label: "openclaw-openrouter.instance", value: "an-id" }]],
  ])("%s", (attribute, value) => {
    expect(container[attribute]).toEqual(value);
  });

  test("is not privileged and shares nothing of the host's", () => {
    const declared = Object.keys(container);
    for (const attribute of [
      "privileged",
      "pid_mode",
      "ipc_mode",
      "userns_mode",
      "devices",
      "volumes",
      "upload",
    ]) {
      expect(declared).not.toContain(attribute);
    }
  });

  test("writes to its three volumes and to small tmpfs only", () => {
    expect(container.mounts).toEqual([
      {
        type: "volume",
        source: expect.stringMatching(/^\$\{docker_volume\..*data.*\.name\}$/),
        target: "/vault/file",
      },
      {
        type: "volume",
        source: expect.stringMatching(/^\$\{docker_volume\..*home.*\.name\}$/),
        target: "/home/vault",
      },
      {
        type: "volume",
        source: expect.stringMatching(/^\$\{docker_volume\..*socket.*\.name\}$/),
        target: "/vault/socket",
      },
    ]);
    expect(Object.keys(container.tmpfs)).toEqual(["/tmp", "/vault/config", "/vault/logs"]);
    for (const options of Object.values(container.tmpfs)) expect(options).toMatch(/size=\d+m/);
  });

  test("is healthy while sealed or uninitialized, and seldom asked, since each time is a process", () => {
    const { healthcheck } = container;
    expect(healthcheck).toMatchObject({ interval: "30s", timeout: "2s" });
    const plain = template({ tls: false }).resource("docker_container").healthcheck;
    expect(plain.test.at(-1)).toMatch(/sealedcode=200&uninitcode=200/);
  });

  test("names the image by its id, and keeps it when it is destroyed", () => {
    expect(byDefault.resource("docker_image")).toMatchObject({
      name: "hashicorp/vault:1.21.2",
      keep_locally: true,
    });
    expect(container.image).toMatch(/^\$\{docker_image\..*\.image_id\}$/);
  });

  test("is not changed for what the engine fills in by itself", () => {
    expect(container.lifecycle).toEqual({ ignore_changes: ["memory_swap", "log_opts", "healthcheck"] });
  });

  test("carries no token and no secret in its environment", () => {
    const names = (container.env as string[]).map((line) => line.split("=")[0]);
    expect(names).toEqual(["VAULT_ADDR", "VAULT_CACERT", "VAULT_LOCAL_CONFIG", "SKIP_CHOWN", "SKIP_SETCAP"]);
  });
});

test("Vault runs in production mode on raft, behind the loopback", () => {
  expect(vaultConfig()).toMatchInlineSnapshot(`
    {
      "api_addr": "https://127.0.0.1:8200",
      "cluster_addr": "https://127.0.0.1:8201",
      "disable_mlock": true,
      "listener": [
        {
          "tcp": {
            "address": "0.0.0.0:8200",
            "tls_cert_file": "/home/vault/tls/certificate.pem",
            "tls_key_file": "/home/vault/tls/key.pem",
            "tls_min_version": "tls12",
          },
        },
        {
          "unix": {
            "address": "/vault/socket/vault.sock",
            "socket_group": "1000",
            "socket_mode": "666",
            "socket_user": "100",
            "tls_disable": true,
          },
        },
      ],
      "storage": {
        "raft": {
          "node_id": "an-id",
          "path": "/vault/file",
          "performance_multiplier": 1,
        },
      },
      "ui": true,
    }
  `);
});

test("all volumes are labelled and cannot be destroyed", () => {
  const volumes = Object.values(byDefault.resources("docker_volume"));
  expect(volumes.map(({ name }) => name)).toEqual(["vault-data", "vault-home", "vault-socket"]);
  for (const volume of volumes) {
    expect(volume.lifecycle).toEqual({ prevent_destroy: true });
    expect(volume.labels).toEqual([{ label: "openclaw-openrouter.instance", value: "an-id" }]);
  }
});

test("a private address is published beside the loopback, and certified before the container starts", () => {
  const all = template({ listen: "10.0.0.5" });
  expect(all.resource("docker_container").ports.map(({ ip }: { ip: string }) => ip)).toEqual([
    "127.0.0.1",
    "10.0.0.5",
  ]);
  const step = all.resource("terraform_data", "server_prepare").provisioner[0]["local-exec"];
  expect(JSON.parse(step.environment.OPENCLAW_OPENROUTER_PARAMETERS)).toMatchObject({ listen: "10.0.0.5" });
  for (const props of [{ listen: "0.0.0.0" }, { listen: "10.0.0.5", tls: false }] as const)
    expect(() => template(props)).toThrow(
      "a private address, or any with certificate files of your own; and TLS",
    );
});

test("options reach the container", () => {
  const all = template({
    containerName: "v2",
    port: 18200,
    memoryMegabytes: 256,
    image: "mine:1",
    dataVolume: "my-data",
    homeVolume: "my-home",
  });
  expect(all.resource("docker_container")).toMatchObject({ name: "v2", memory: 256, memory_swap: 256 });
  expect(all.resource("docker_container").ports[0]).toMatchObject({ external: 18200, internal: 8200 });
  expect(all.resource("docker_image").name).toBe("mine:1");
  expect(Object.values(all.resources("docker_volume")).map(({ name }) => name)).toEqual([
    "my-data",
    "my-home",
    "v2-socket",
  ]);
});

test("volumes are named after the container", () => {
  const names = Object.values(template({ containerName: "v2" }).resources("docker_volume")).map(
    ({ name }) => name,
  );
  expect(names).toEqual(["v2-data", "v2-home", "v2-socket"]);
});

test("web interface and telemetry are options", () => {
  expect(vaultConfig().ui).toBe(true);
  expect(vaultConfig({ ui: false }).ui).toBe(false);
  expect(vaultConfig({ telemetry: true }).telemetry).toMatchObject({ prometheus_retention_time: "24h" });
});

test.each([
  [{ port: 0 }, "theirs/server: option 'port' is 0; expected a port number from 1 to 65535"],
  [{ port: 65536 }, "option 'port' is 65536"],
  [{ port: 8200.5 }, "option 'port' is 8200.5"],
  [{ memoryMegabytes: 64 }, "option 'memoryMegabytes' is 64; expected a whole number of MiB, at least 128"],
  [{ memoryMegabytes: 300.5 }, "option 'memoryMegabytes' is 300.5"],
  [{ instanceId: "" }, `option 'instanceId' is ""; expected an id that stays the same`],
  [{ image: "" }, `option 'image' is ""; expected the name of an image of Vault`],
  [{ socketUser: -1 }, "option 'socketUser' is -1; expected a uid, 0 or more"],
  [{ containerName: "my vault" }, "option 'containerName' is my vault; expected two characters or more"],
  [{ containerName: "" }, `option 'containerName' is ""`],
  [{ dataVolume: "/srv/data" }, "option 'dataVolume' is /srv/data; expected two characters or more"],
  [
    { dataVolume: "both", homeVolume: "both" },
    "option 'dataVolume, homeVolume, socketVolume' is both, both, vault-socket; expected three volumes",
  ],
  [{ network: "host" }, "option 'network' is host; expected a network of this container only"],
])("refuses %j", (props, message) => {
  expect(() => template(props)).toThrow(message);
});

test("values that Terraform knows later pass", () => {
  const stack = plainStack();
  const variable = (name: string, type: string) => new TerraformVariable(stack, name, { type });
  new VaultServer(stack, "server", {
    home: "/srv/instance",
    instanceId: variable("id", "string").stringValue,
    containerName: variable("name", "string").stringValue,
    port: variable("port", "number").numberValue,
    memoryMegabytes: variable("memory", "number").numberValue,
  });
  const all = synthesize(stack);
  expect(all.resource("docker_container")).toMatchObject({
    name: "${var.name}",
    memory: "${var.memory}",
    ports: [{ external: "${var.port}" }],
  });
  expect(Object.values(all.resources("docker_volume")).map(({ name }) => name)).toEqual([
    "${var.name}-data",
    "${var.name}-home",
    "${var.name}-socket",
  ]);
});

test("refuses a home that is no absolute path", () => {
  expect(() => template({ home: "here" })).toThrow("option 'home' is here; expected an absolute path");
  const unset = process.env.OPENCLAW_OPENROUTER_NOT_SET as string;
  expect(() => template({ home: unset })).toThrow("option 'home' is undefined; expected an absolute path");
});

test("two servers in one stack are refused: a step of one could be taken for done if the apply is killed", () => {
  const stack = plainStack();
  new VaultServer(stack, "one", { home: "/srv/one", instanceId: "1", containerName: "one" });
  const two = { home: "/srv/two", instanceId: "2", containerName: "two", port: 8210 };
  expect(() => new VaultServer(stack, "two", two)).toThrow(
    "theirs/two: the stack has theirs/one already; expected one VaultServer a stack, so declare this one in a stack of its own",
  );
  const other = new TerraformStack(stack.node.root, "other");
  expect(() => new VaultServer(other, "two", two)).not.toThrow();
});

test("a stack in the stack is another one, in whichever order both are declared", () => {
  const [outer, given] = [plainStack(), { home: "/srv/one", instanceId: "1" }];
  new VaultServer(new TerraformStack(outer, "inner"), "server", given);
  expect(() => new VaultServer(outer, "server", given)).not.toThrow();
});

test.each([{ host: "ssh://ada@10.0.0.5" }, { context: "remote" }])(
  "another engine by %j of the provider is refused, since the steps use that of the environment",
  (config) => {
    const stack = new TerraformStack(new App({ outdir: scratchFolder(), skipValidation: true }), "theirs");
    new VaultServer(stack, "server", { home: "/srv/one", instanceId: "1" });
    new DockerProvider(stack, "docker", config);
    const [[option, value]] = Object.entries(config) as [[string, string]];
    expect(() => Testing.synth(stack)).toThrow(
      `theirs/server: option 'DockerProvider.${option}' is ${value}; expected none, but DOCKER_HOST or DOCKER_CONTEXT`,
    );
  },
);
