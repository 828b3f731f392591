import { VaultServer, type VaultServerProps } from "../../lib/constructs/vault-server";
import { stepParameters } from "../../lib/model/run-parameters";
import { buildApp } from "../../lib/stacks/build-app";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { type Block, plainStack, synthesize } from "../support/template";

const tls = {
  certificateFile: "/etc/vault/cert.pem",
  keyFile: "/etc/vault/key.pem",
  caFile: "/etc/vault/ca.pem",
};

function template(props: Partial<VaultServerProps> = {}, stack = plainStack()) {
  const server = new VaultServer(stack, "server", {
    home: "/srv/instance",
    instanceId: "an-id",
    tls,
    ...props,
  });
  return { server, ...synthesize(stack) };
}

const { server, resource, resources } = template();
const environment = (container: Block): Record<string, string> =>
  Object.fromEntries((container.env as string[]).map((line) => line.split(/=(.*)/s).slice(0, 2)));
const localExec = (step: Block) => step.provisioner[0]["local-exec"];

test("Vault listens by TLS 1.2 or newer with the files on its home volume", () => {
  const config = JSON.parse(environment(resource("docker_container")).VAULT_LOCAL_CONFIG ?? "");
  expect(config.listener[0].tcp).toEqual({
    address: "0.0.0.0:8200",
    tls_cert_file: "/home/vault/tls/certificate.pem",
    tls_key_file: "/home/vault/tls/key.pem",
    tls_min_version: "tls12",
  });
  expect(config.api_addr).toBe("https://127.0.0.1:8200");
});

test("host and container reach it by https, and the container's own CLI trusts the CA", () => {
  expect(server.address).toBe("https://127.0.0.1:8200");
  expect(environment(resource("docker_container"))).toMatchObject({
    VAULT_ADDR: "https://127.0.0.1:8200",
    VAULT_CACERT: "/home/vault/tls/ca.pem",
  });
});

test("its health is that it listens, since the image's wget cannot speak every TLS", () => {
  const { test: command } = resource("docker_container").healthcheck;
  expect(command).toEqual(["CMD", "grep", "-q", ":2008 00000000:0000 0A", "/proc/net/tcp"]);
});

describe("the files", () => {
  const step = resource("terraform_data");

  test("are placed before the container is made", () => {
    const [id] = Object.keys(resources("terraform_data"));
    expect(resource("docker_container").depends_on).toEqual([`terraform_data.${id}`]);
    expect(localExec(step).command).toMatch(/ prepare-container$/);
  });

  test("are placed again for other files and for a new volume; no file is read when Terraform plans", () => {
    expect(Object.values(step.triggers_replace)).toEqual([
      "vault-network",
      expect.stringMatching(/^\$\{docker_volume\..*home.*\.id\}$/),
      expect.stringMatching(/^\$\{docker_volume\..*socket.*\.id\}$/),
      "/etc/vault/cert.pem",
    ]);
  });

  test("are named to the step by their paths, with where they go", () => {
    const parameters = JSON.parse(localExec(step).environment.OPENCLAW_OPENROUTER_PARAMETERS);
    expect(parameters).toEqual({
      home: "/srv/instance",
      instanceId: "an-id",
      container: "vault",
      network: "vault-network",
      socketVolume: expect.stringMatching(/^\$\{docker_volume\..*socket.*\.name\}$/),
      homeVolume: expect.stringMatching(/^\$\{docker_volume\..*home.*\.name\}$/),
      image: expect.stringMatching(/^\$\{docker_image\..*\.image_id\}$/),
      port: 8200,
      tls,
    });
    expect(stepParameters["prepare-container"].parse(parameters)).toEqual(parameters);
  });

  test("of unusual names are paths still, and no expressions", () => {
    const odd = template({ tls: { ...tls, certificateFile: "/etc/a ${c}" } }).resource("terraform_data");
    expect(Object.values(odd.triggers_replace)[3]).toBe("/etc/a $${c}");
  });
});

test.each(["certificateFile", "keyFile", "caFile"])("%s must be an absolute path", (name) => {
  expect(() => template({ tls: { ...tls, [name]: "cert.pem" } })).toThrow(
    `theirs/server: option 'tls.${name}' is cert.pem; expected an absolute path`,
  );
});

test.each(["certificateFile", "keyFile", "caFile"])("%s of an unset variable is refused too", (name) => {
  expect(() => template({ tls: { ...tls, [name]: process.env.NONE_OF_THIS_NAME } })).toThrow(
    `theirs/server: option 'tls.${name}' is undefined; expected an absolute path`,
  );
});

describe("both stacks of an instance", () => {
  const app = (settings: object) => {
    const deployment = describeInstance(settings);
    const built = buildApp({
      deployment,
      instanceId: "an-id",
      image: "an-image:1",
      keyVersion: 17,
      keyGeneration: 0,
      outdir: scratchFolder(),
    });
    const [vault, openrouter] = ["vault", "openrouter"].map((name) =>
      synthesize(built.node.findChild(name) as Parameters<typeof synthesize>[0]),
    );
    return { vault: vault!, openrouter: openrouter! };
  };
  const { vault, openrouter } = app({ vault: { port: 8300, tls } });
  const parametersOf = (block: Block) =>
    JSON.parse(localExec(block).environment.OPENCLAW_OPENROUTER_PARAMETERS);
  const step = (from: typeof vault, name: string) =>
    Object.values(from.resources("terraform_data")).find((block) =>
      localExec(block).command.endsWith(` ${name}`),
    )!;

  test("reach Vault by https and trust the CA: provider, bootstrap, check", () => {
    const place = { address: "https://127.0.0.1:8300", caFile: tls.caFile };
    expect(openrouter.json.provider.vault[0]).toMatchObject({
      address: place.address,
      ca_cert_file: tls.caFile,
    });
    expect(parametersOf(step(vault, "bootstrap"))).toMatchObject(place);
    expect(parametersOf(step(openrouter, "verify"))).toMatchObject(place);
  });

  test("tell OpenClaw both", () => {
    const content = (name: string) => openrouter.resource("local_file", name).content as string;
    expect(content("config.json")).toContain('"address": "https://127.0.0.1:8300"');
    expect(content("openrouter.json5")).toContain('"VAULT_ADDR": "https://127.0.0.1:8300"');
    expect(content("openrouter.json5")).toContain(
      '"VAULT_CACERT": "/home/ada/.openclaw/openclaw-openrouter/vault-ca.pem"',
    );
  });

  test("pin the instance's own CA by default", () => {
    const own = app({});
    const caFile = expect.stringMatching(/\/tls\/ca\.pem$/);
    expect(own.openrouter.json.provider.vault[0]).toMatchObject({
      address: "https://127.0.0.1:8200",
      ca_cert_file: caFile,
    });
    expect(parametersOf(step(own.vault, "prepare-container")).tls).toMatchObject({ caFile, made: true });
  });

  test("say nothing of it if it is switched off, and how the listener is known instead", () => {
    const plain = app({ vault: { tls: false } });
    for (const { text } of [plain.vault, plain.openrouter])
      expect(text).not.toMatch(/https:\/\/127.0.0.1:8200|CACERT|ca_cert/i);
    const listener = { home: expect.any(String), container: "vault", own: true };
    expect(parametersOf(step(plain.vault, "bootstrap"))).toMatchObject({ listener });
    expect(parametersOf(step(plain.openrouter, "verify"))).toMatchObject({ listener });
  });
});

test("a gateway's user is the step's, which runs again with it", () => {
  const steps = [{}, { socketUser: 1000 }].map((props) => template(props).resource("terraform_data"));
  const [own, gateway] = steps.map((step) =>
    JSON.parse(localExec(step).environment.OPENCLAW_OPENROUTER_PARAMETERS),
  );
  expect([own.socketUser, gateway.socketUser]).toEqual([undefined, 1000]);
  const told = steps.map((step) => JSON.stringify(step.triggers_replace).includes("socket of uid 1000"));
  expect(told).toEqual([false, true]);
});
