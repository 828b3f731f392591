import { mkdirSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { type Bundle, partFolder } from "../../lib/bundle/bundle";
import { providerParts } from "../../lib/bundle/bundle-mirror";
import { bundleParts } from "../../lib/bundle/bundle-parts";
import { packageRoot } from "../../lib/core/system/package-root";
import { hostPlatform } from "../../lib/core/system/platform";
import { chooseProviders, providerSource } from "../../lib/terraform/providers";
import { scratchFolder, write } from "../host/support";

const root = scratchFolder();
const emptyHome = { HOME: join(root, "empty") };
const platform = hostPlatform();
const never = async () => {
  throw new Error("nothing was to be asked");
};

/** A home with this CLI configuration. */
function withConfig(name: string, text: string): NodeJS.ProcessEnv {
  write(join(root, name, ".terraformrc"), text);
  return { HOME: join(root, name), OPENCLAW_OPENROUTER_CACHE: join(root, name, "cache") };
}

function builtBundle(name: string): Bundle {
  const bundle = { folder: join(root, name), sources: join(packageRoot(), "bundle"), platform };
  for (const part of Object.values(providerParts))
    write(join(partFolder(bundle, part), bundleParts[part].file), part);
  return bundle;
}

describe("the choice", () => {
  test("is the registry of the program where it answers", async () => {
    const asked: string[] = [];
    const answers = async (url: string) => asked.push(url) > 0;
    const choice = await chooseProviders({
      program: "terraform",
      bundleWanted: false,
      env: emptyHome,
      answers,
    });
    expect(choice.kind).toBe("registry");
    await chooseProviders({ program: "tofu", bundleWanted: false, env: emptyHome, answers });
    expect(asked.map((url) => new URL(url).hostname)).toEqual([
      "registry.terraform.io",
      "registry.opentofu.org",
    ]);
  });

  test("is the bundle where nothing answers, and without a question where it is asked for", async () => {
    const silent = await chooseProviders({
      program: "terraform",
      bundleWanted: false,
      env: emptyHome,
      answers: async () => false,
    });
    expect(silent).toMatchObject({ kind: "bundle", description: expect.stringContaining("does not answer") });
    expect(
      await chooseProviders({ program: "terraform", bundleWanted: true, env: emptyHome, answers: never }),
    ).toMatchObject({ kind: "bundle" });
  });

  test("is remembered, until what it rested on changes", async () => {
    const first = await chooseProviders({
      program: "terraform",
      bundleWanted: false,
      env: emptyHome,
      answers: async () => false,
    });
    const again = { bundleWanted: false, env: emptyHome, remembered: first } as const;
    expect(await chooseProviders({ ...again, program: "terraform", answers: never })).toBe(first);
    expect((await chooseProviders({ ...again, program: "tofu", answers: async () => true })).kind).toBe(
      "registry",
    );
    const env = withConfig("changed", "provider_installation {\n direct {}\n}");
    expect(
      (await chooseProviders({ ...again, program: "terraform", env, answers: async () => true })).kind,
    ).toBe("mirror");
  });

  test("respects a mirror of the user's that answers, whether or not the registry would", async () => {
    const asked: string[] = [];
    const server = createServer((request, response) => {
      asked.push(request.url ?? "");
      response.writeHead(200).end("{}");
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    const { port } = server.address() as AddressInfo;
    const env = withConfig(
      "network",
      `provider_installation {\n  network_mirror {\n    url = "http://127.0.0.1:${port}/m/"\n  }\n}`,
    );
    const choice = await chooseProviders({ program: "terraform", bundleWanted: false, env });
    server.closeAllConnections();
    server.close();
    expect(choice.kind).toBe("mirror");
    expect(asked).toEqual(["/m/registry.terraform.io/kreuzwerker/docker/index.json"]);

    expect(
      await chooseProviders({ program: "terraform", bundleWanted: false, env, timeout: 500 }),
    ).toMatchObject({
      kind: "bundle",
      description: expect.stringContaining(".terraformrc"),
    });
  });

  test("takes a folder of the user's only where it holds all three providers", async () => {
    const mirror = join(root, "mirror");
    const env = withConfig(
      "folder",
      `provider_installation {\n  filesystem_mirror {\n    path = "${mirror}"\n  }\n}`,
    );
    const choose = () => chooseProviders({ program: "terraform", bundleWanted: false, env, answers: never });
    const target = `${platform.os}_${platform.arch}`;
    mkdirSync(join(mirror, "registry.terraform.io/kreuzwerker/docker/4.6.0", target), { recursive: true });
    write(
      join(mirror, `registry.terraform.io/hashicorp/vault/terraform-provider-vault_5.9.0_${target}.zip`),
      "",
    );
    expect((await choose()).kind).toBe("bundle");
    mkdirSync(join(mirror, "registry.terraform.io/hashicorp/local/2.9.0", target), { recursive: true });
    expect((await choose()).kind).toBe("mirror");
  });
});

describe("what Terraform is told", () => {
  const choice = (kind: "registry" | "bundle" | "mirror") => ({ kind, description: kind, basis: "" });

  test.each([
    ["the registry", "", "direct"],
    [
      "a mirror of the user's",
      'provider_installation {\n  network_mirror {\n    url = "https://m/"\n  }\n}',
      "network_mirror",
    ],
  ])("%s, for the declared providers and no other", async (name, text, method) => {
    const env = withConfig(`narrowed-${name.replace(/\W/g, "-")}`, text);
    const source = await providerSource(choice("mirror"), "terraform", builtBundle("unused"), env);
    const told = readFileSync(source.cliConfigFile, "utf8");
    expect(told).toMatch(
      new RegExp(`${method} \\{[^}]*include = \\["registry.terraform.io/kreuzwerker/docker",`),
    );
    expect(told.match(/include/g)).toHaveLength(1);
    expect(statSync(source.cliConfigFile).mode & 0o077).toBe(0);
  });

  test("a mirror of the bundle's providers, under both registries' names, for these providers only", async () => {
    const env = withConfig("plain", "");
    const bundle = builtBundle("bundle");
    const source = await providerSource(choice("bundle"), "terraform", bundle, env);
    const text = readFileSync(source.cliConfigFile, "utf8");
    const folder = /path\s+= "(.*)"/.exec(text)?.[1] ?? "";
    for (const registry of ["registry.terraform.io", "registry.opentofu.org"]) {
      for (const [address, part] of Object.entries(providerParts)) {
        const { version, file } = bundleParts[part];
        const program = join(folder, registry, address, version, `${platform.os}_${platform.arch}`, file);
        expect(readFileSync(program, "utf8")).toBe(part);
        expect(text.split(`"${registry}/${address}"`)).toHaveLength(2);
      }
    }
    expect(text).not.toContain("direct");
    expect(await providerSource(choice("bundle"), "terraform", bundle, env)).toEqual(source);
  });

  test("a login in the user's configuration is kept beside the bundle, readable by nobody else", async () => {
    const env = withConfig("login", 'credentials "tfe.example" {\n  token = "t0ken"\n}\n');
    const source = await providerSource(choice("bundle"), "terraform", builtBundle("bundle"), env);
    expect(readFileSync(source.cliConfigFile, "utf8")).toContain("t0ken");
    expect(statSync(source.cliConfigFile).mode & 0o077).toBe(0);
  });

  test("another build of the bundle is another source for locks", async () => {
    const env = withConfig("identity", "");
    const one = await providerSource(choice("bundle"), "terraform", builtBundle("bundle-one"), env);
    const two = await providerSource(choice("bundle"), "terraform", builtBundle("bundle-two"), env);
    expect(one.identity).not.toBe(two.identity);
  });
});
