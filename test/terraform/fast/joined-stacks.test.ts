import { mkdirSync, readFileSync, realpathSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostPlatform } from "../../../lib/core/system/platform";
import type { StackName } from "../../../lib/model/home-paths";
import { type InitializedStack, joinStacks } from "../../../lib/terraform/fast/joined-stacks";
import { installedProviders, lockFile } from "../../../lib/terraform/installed-providers";
import { scratchFolder } from "../../support/folder";

const { os, arch } = hostPlatform();

/** A stack of one resource of one provider, which is applied. */
function stack(folder: string, name: StackName, provider: string): InitializedStack {
  const place = {
    name,
    folder: join(folder, name),
    dataFolder: join(folder, name, "data"),
    stateFile: join(folder, `${name}.tfstate`),
  };
  const address = `registry.terraform.io/hashicorp/${provider}`;
  const installed = join(place.dataFolder, "providers", address, "1.0.0", `${os}_${arch}`);
  mkdirSync(installed, { recursive: true });
  writeFileSync(join(installed, `terraform-provider-${provider}`), "");
  write(join(place.folder, "cdk.tf.json"), {
    terraform: {
      backend: { local: { path: place.stateFile } },
      required_providers: { [provider]: { source: `hashicorp/${provider}`, version: "1.0.0" } },
    },
    provider: { [provider]: [{}] },
    resource: { [`${provider}_thing`]: { declared: { of: name } } },
  });
  write(place.stateFile, {
    version: 4,
    lineage: name,
    outputs: {},
    resources: [{ mode: "managed", type: `${provider}_thing`, name: "applied", instances: [] }],
  });
  writeFileSync(
    join(place.folder, lockFile),
    `# by init\n\nprovider "${address}" {\n  version     = "1.0.0"\n}\n`,
  );
  return place;
}

const write = (path: string, content: unknown) => writeFileSync(path, JSON.stringify(content));
const read = (...path: string[]) => JSON.parse(readFileSync(join(...path), "utf8"));

function twoStacks() {
  const folder = scratchFolder();
  const stacks = [stack(folder, "vault", "docker"), stack(folder, "openrouter", "local")];
  return { stacks, folder: join(folder, "both") };
}

test("what both declare, what both applied and what both need is in one stack", () => {
  const { stacks, folder } = twoStacks();
  const { dataFolder } = joinStacks(stacks, folder);
  expect(read(folder, "vault.tf.json")).toEqual({
    provider: { docker: [{}] },
    resource: { docker_thing: { declared: { of: "vault" } } },
  });
  expect(read(folder, "openrouter.tf.json").resource).toEqual({
    local_thing: { declared: { of: "openrouter" } },
  });
  expect(Object.keys(read(folder, "providers.tf.json").terraform.required_providers)).toEqual([
    "docker",
    "local",
  ]);
  expect(read(folder, "terraform.tfstate")).toMatchObject({
    version: 4,
    resources: [{ type: "docker_thing" }, { type: "local_thing" }],
  });
  expect(installedProviders(folder, dataFolder).map(({ executable }) => executable)).toEqual(
    stacks.map(({ dataFolder }, index) =>
      realpathSync(
        join(
          dataFolder,
          "providers/registry.terraform.io/hashicorp",
          ["docker/1.0.0", "local/1.0.0"][index] ?? "",
          `${os}_${arch}`,
          ["terraform-provider-docker", "terraform-provider-local"][index] ?? "",
        ),
      ),
    ),
  );
});

test("of which stack a resource is, is known of what is declared and of what is only applied", () => {
  const { stacks, folder } = twoStacks();
  expect(joinStacks(stacks, folder).addresses).toEqual(
    new Map([
      ["vault", new Set(["docker_thing.declared", "docker_thing.applied"])],
      ["openrouter", new Set(["local_thing.declared", "local_thing.applied"])],
    ]),
  );
});

test("one that needs no provider is joined without a lock", () => {
  const { stacks, folder } = twoStacks();
  rmSync(join(stacks[0]!.folder, lockFile));
  const { dataFolder } = joinStacks(stacks, folder);
  expect(installedProviders(folder, dataFolder).map(({ address }) => address)).toEqual([
    "registry.terraform.io/hashicorp/local",
  ]);
});

test.each([
  ["is gone", undefined],
  ["is interrupted", '{"version": 4, "resour'],
  ["is encrypted by OpenTofu", '{"serial": 1, "lineage": "x", "encrypted_data": "AAAA"}'],
])("a state that %s is not taken for an empty one", (_what, text) => {
  const { stacks, folder } = twoStacks();
  const [vault, openrouter] = stacks;
  const stateFile = `${openrouter?.stateFile}-other`;
  if (text) writeFileSync(stateFile, text);
  expect(() => joinStacks([vault!, { ...openrouter!, stateFile }], folder)).toThrow();
});
