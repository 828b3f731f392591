import { chmodSync, mkdirSync, mkdtempSync } from "node:fs";
import { join } from "node:path";
import { hasCredentials, providerInstallation, userCliConfig } from "../../lib/terraform/cli-config";
import { scratchFolder, write } from "../host/support";

const root = scratchFolder();

test("a named file stands for all others; one that is not there is no configuration", () => {
  const home = join(root, "named");
  write(join(home, ".terraformrc"), "plugin_cache_dir = 1");
  const file = write(join(home, "own.tfrc"), "disable_checkpoint = true");
  expect(userCliConfig("terraform", { HOME: home, TF_CLI_CONFIG_FILE: file })).toMatchObject({
    files: [file],
  });
  const none = userCliConfig("terraform", { HOME: home, TF_CLI_CONFIG_FILE: join(home, "missing") });
  expect(none.files).toEqual([]);
});

test("a cache of providers that another user could exchange is refused: they are run", () => {
  const env = { HOME: join(root, "none"), TF_PLUGIN_CACHE_DIR: join(root, "cache") };
  mkdirSync(env.TF_PLUGIN_CACHE_DIR);
  expect(() => userCliConfig("terraform", env)).not.toThrow();
  const open = { ...env, TF_PLUGIN_CACHE_DIR: join(root, "open") };
  mkdirSync(open.TF_PLUGIN_CACHE_DIR);
  chmodSync(open.TF_PLUGIN_CACHE_DIR, 0o777);
  expect(() => userCliConfig("terraform", open)).toThrow(
    /Terraform's plugin cache.*everybody can write to.*unset TF_PLUGIN_CACHE_DIR/s,
  );
});

test.each([
  ['plugin_cache_dir = "$HOME/open"', "Terraform's plugin cache"],
  ['{ "plugin_cache_dir": "HERE/open" }', "Terraform's plugin cache"],
  ['provider_installation {\n  filesystem_mirror { path = "HERE/open" }\n}', "Terraform's filesystem mirror"],
])("so is one that a configuration names: %s", (text, what) => {
  // Each path is judged once a run.
  const homes = [0o755, 0o777].map((mode) => {
    const home = mkdtempSync(join(root, "home-"));
    mkdirSync(join(home, "open"));
    chmodSync(join(home, "open"), mode);
    write(join(home, ".terraformrc"), text.replace("HERE", home));
    return home;
  });
  const [closed = "", open = ""] = homes;
  expect(() => userCliConfig("terraform", { HOME: closed })).not.toThrow();
  expect(() => userCliConfig("terraform", { HOME: open })).toThrow(
    `${what}, ${open}/open, cannot be trusted`,
  );
});

test("Terraform reads .terraformrc, OpenTofu .tofurc before it, both the files in .terraform.d", () => {
  const home = join(root, "usual");
  const terraform = write(join(home, ".terraformrc"), "a = 1");
  const extra = write(join(home, ".terraform.d/more.tfrc"), "b = 2");
  expect(userCliConfig("terraform", { HOME: home }).files).toEqual([terraform, extra]);
  expect(userCliConfig("tofu", { HOME: home }).files).toEqual([terraform, extra]);
  const tofu = write(join(home, ".tofurc"), "c = 3");
  expect(userCliConfig("tofu", { HOME: home }).files).toEqual([tofu, extra]);
});

test("where providers are had is read from the block, comments left out", () => {
  const text = `
# provider_installation { direct {} }
plugin_cache_dir = "/cache"
provider_installation {
  network_mirror {
    url     = "https://mirror.example/v1/" // not https://other
    include = ["*/*"]
  }
  filesystem_mirror { path = "/srv/mirror" }
}
host "x" { services = { "direct" = 1 } }`;
  expect(providerInstallation(text)).toEqual({
    networkMirrors: ["https://mirror.example/v1/"],
    filesystemMirrors: ["/srv/mirror"],
    direct: false,
  });
  expect(providerInstallation('plugin_cache_dir = "/cache"')).toBeUndefined();
  expect(providerInstallation('{"provider_installation": [{"direct": [{}]}]}')).toMatchObject({
    direct: true,
  });
});

test("credentials are seen, and not in a comment", () => {
  expect(hasCredentials('credentials "app.example" {\n  token = "t"\n}')).toBe(true);
  expect(hasCredentials('# credentials "app.example" {}\nplugin_cache_dir = "/c"')).toBe(false);
});
