import { join } from "node:path";
import { providerInstallation } from "../../lib/terraform/cli-config";
import { narrowedCliConfig } from "../../lib/terraform/narrow-cli-config";
import { scratchFolder, write } from "../host/support";

const root = scratchFolder();
const ours = ["registry.terraform.io/hashicorp/vault", "registry.terraform.io/kreuzwerker/docker"];
let count = 0;
const file = (text: string, name = `${count++}.tfrc`) => write(join(root, name), text);
const includes = (text: string) =>
  [...text.matchAll(/(\w+) \{[^{}]*include = (\[.*?\])/gs)].map(([, name, list]) => [
    name,
    JSON.parse(list!),
  ]);

test("without any configuration the registry gives our providers alone", () => {
  expect(includes(narrowedCliConfig([], ours))).toEqual([["direct", ours]]);
});

test("each way of the user's is for our providers alone, in the user's order, and all else stays", () => {
  const text = narrowedCliConfig(
    [
      file(`# provider_installation { direct {} }
plugin_cache_dir = "/cache"
provider_installation {
  filesystem_mirror {
    path    = "/srv/direct/mirror"
    include = ["hashicorp/*"]
  }
  network_mirror { url = "https://mirror.example/v1/" }
  direct {
    exclude = ["registry.terraform.io/hashicorp/vault"]
  }
}
credentials "tfe.example" {
  token = "t0ken"
}`),
    ],
    ours,
  );
  expect(includes(text)).toEqual([
    ["filesystem_mirror", [ours[0]]],
    ["network_mirror", ours],
    ["direct", ours],
  ]);
  expect(providerInstallation(text)).toEqual({
    networkMirrors: ["https://mirror.example/v1/"],
    filesystemMirrors: ["/srv/direct/mirror"],
    direct: true,
  });
  for (const kept of ['exclude = ["registry.terraform.io/hashicorp/vault"]', "t0ken", "/cache"])
    expect(text).toContain(kept);
  expect(text.match(/provider_installation/g)).toHaveLength(1);
});

test("a configuration in JSON stays one", () => {
  const json = {
    credentials: { "tfe.example": { token: "t0ken" } },
    provider_installation: [{ direct: [{}] }],
  };
  expect(JSON.parse(narrowedCliConfig([file(JSON.stringify(json))], ours))).toEqual({
    ...json,
    provider_installation: [{ direct: [{ include: ours }] }],
  });
});

test("what a login wrote is left to Terraform, and two syntaxes are refused", () => {
  const login = file('{"credentials":{}}', "credentials.tfrc.json");
  expect(includes(narrowedCliConfig([file("disable_checkpoint = true"), login], ours))).toEqual([
    ["direct", ours],
  ]);
  expect(() => narrowedCliConfig([file("a = 1"), file("{}")], ours)).toThrow("one of which is JSON");
});
