import { bundleImage } from "../../lib/bundle/image";
import type { DriftContext } from "../../lib/drift/context";
import { image } from "../../lib/drift/probes/image";

/** What is found if an image is on the engine by its id alone. @param kept whether it is @default true */
function inspect(name: string, kept = true) {
  const state = {
    resources: [
      {
        ...{ mode: "managed", type: "docker_image", name: "image" },
        instances: [{ attributes: { name, image_id: "sha256:deployed" } }],
      },
    ],
  };
  const context = {
    deployed: {},
    knownState: async () => state,
    unmanaged: () => undefined,
    engine: {
      api: {
        inspectImage: async (of: string) => (kept && of === "sha256:deployed" ? { Id: of } : undefined),
      },
    },
  };
  return image.inspect(context as unknown as DriftContext);
}

test("an image gets its tag back by `drift --fix`, and its digest by a pull", async () => {
  expect(await inspect("hashicorp/vault:1.21.2")).toMatchObject([
    { id: "image.gone", fix: { by: "command" } },
  ]);
  const pinned = `hashicorp/vault@sha256:${"0".repeat(64)}`;
  expect(await inspect(pinned)).toMatchObject([
    { id: "image.gone", fix: { by: "person", command: `docker pull ${pinned}` } },
  ]);
});

test("an image that is gone altogether comes from its registry, the bundle's own from `up`", async () => {
  const fix = async (name: string) =>
    (await inspect(name, false)).map((found) => "fix" in found && found.fix);
  const person = (command: string) => [{ by: "person", command }];
  expect(await fix("hashicorp/vault:1.21.2")).toEqual(person("docker pull hashicorp/vault:1.21.2"));
  expect(await fix(bundleImage)).toEqual(person("openclaw-openrouter up"));
});
