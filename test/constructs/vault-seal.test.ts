import { VaultServer } from "../../lib/constructs/vault-server";
import { stepParameters } from "../../lib/model/run-parameters";
import { buildApp } from "../../lib/stacks/build-app";
import { describeInstance } from "../support/deployment";
import { scratchFolder } from "../support/folder";
import { plainStack, synthesize } from "../support/template";

const seal = {
  type: "transit" as const,
  options: { address: "https://kms.example.org", key_name: "autounseal" },
  secrets: { token: "/etc/vault/token" },
  files: { tls_ca_cert: "/etc/vault/ca.pem" },
};

function template(props: object = { seal }) {
  const stack = plainStack();
  new VaultServer(stack, "server", { home: "/srv/instance", instanceId: "an-id", ...props });
  return synthesize(stack);
}

test("its configuration is placed before the server starts with it, and is in no environment", () => {
  const { resource, resources } = template();
  const container = resource("docker_container");
  expect(container.command).toEqual(["server", "-config=/home/vault/seal/seal.json"]);
  const steps = Object.keys(resources("terraform_data")).map((id) => `terraform_data.${id}`);
  expect(container.depends_on).toEqual(steps);
  expect(JSON.stringify(container.env)).not.toContain("kms.example.org");
  const { command, environment } = resource("terraform_data", "seal").provisioner[0]["local-exec"];
  expect(command).toMatch(/ place-seal$/);
  const [parameters] = Object.values(environment) as [string];
  expect(stepParameters["place-seal"].parse(JSON.parse(parameters))).toMatchObject({
    container: "vault",
    seal,
  });
});

test("it is placed again for other options, other credentials and a new volume; little of a credential's hash is kept", () => {
  expect(Object.values(template().resource("terraform_data", "seal").triggers_replace)).toEqual([
    JSON.stringify(seal),
    '${substr(fileexists("/etc/vault/token") ? filesha256("/etc/vault/token") : "no such file", 0, 12)}',
    '${substr(fileexists("/etc/vault/ca.pem") ? filesha256("/etc/vault/ca.pem") : "no such file", 0, 12)}',
    "${docker_volume.server_home_A927355F.id}",
  ]);
});

test("without one the container is the same as ever", () => {
  const { resource, resources } = template({});
  expect(resource("docker_container").command).toEqual(["server"]);
  expect(Object.keys(resources("terraform_data"))).toEqual([expect.stringContaining("prepare")]);
});

test("a path that is not absolute is refused", () => {
  expect(() => template({ seal: { ...seal, secrets: { token: "token" } } })).toThrow(
    "option 'seal.token' is token; expected an absolute path",
  );
});

test.each(["token", "access_key", "secret_key", "session_token", "client_secret", "credentials"])(
  "the credential %s is refused among the options, which are in state, and not shown",
  (name) => {
    const wrong = () => template({ seal: { ...seal, options: { ...seal.options, [name]: "hvs.canary" } } });
    expect(wrong).toThrow(
      `theirs/server: option 'seal.options.${name}' is set, in plain text; expected the path of a file that holds it`,
    );
    expect(wrong).not.toThrow("canary");
  },
);

test("an instance's settings declare it", () => {
  const transit = { address: "https://kms.example.org", tokenFile: "/etc/vault/token" };
  const deployment = describeInstance({ vault: { seal: { type: "transit", transit } } });
  const app = buildApp({
    ...{ deployment, instanceId: "an-id", image: "hashicorp/vault:1.21.2", keyVersion: 0, keyGeneration: 0 },
    outdir: scratchFolder(),
  });
  const stack = app.node.findChild("vault") as Parameters<typeof synthesize>[0];
  expect(synthesize(stack).resource("docker_container").command).toHaveLength(2);
});
