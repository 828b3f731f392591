import { chmodSync, existsSync, mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { openBundle, partFolder } from "../../lib/bundle/bundle";
import { providerParts } from "../../lib/bundle/bundle-mirror";
import { bundleParts } from "../../lib/bundle/bundle-parts";
import { TestHost } from "../e2e/support/host";

/** Whoever can write a state has Terraform install and run a provider, if nobody looks. */
describe("a state that names a provider of its own", () => {
  const host = new TestHost();
  const home = host.home("default");
  const owned = join(host.folder, "owned");
  const { os, arch } = openBundle().platform;
  const state = {
    version: 4,
    terraform_version: "1.11.4",
    serial: 3,
    lineage: "6f2f4f5e-3a5f-4d5e-8b3b-6a1a3a8d9f10",
    outputs: {},
    resources: [
      {
        mode: "managed",
        type: "evil_thing",
        name: "x",
        provider: 'provider["registry.terraform.io/evil/evil"]',
        instances: [{ schema_version: 0, attributes: { id: "x" } }],
      },
    ],
  };
  /** A backend that somebody else can write. */
  const backend = createServer((request, response) => {
    response.writeHead(request.method === "GET" ? 200 : 423).end(JSON.stringify(state));
  });

  beforeAll(async () => {
    await new Promise<void>((resolve) => backend.listen(0, "127.0.0.1", resolve));
    // A mirror of the user's, which has our providers, and would give the other one too.
    const mirror = join(host.folder, "mirror", "registry.terraform.io");
    for (const [source, part] of Object.entries(providerParts)) {
      const version = join(mirror, source, bundleParts[part].version);
      mkdirSync(version, { recursive: true });
      symlinkSync(partFolder(openBundle(), part), join(version, `${os}_${arch}`));
    }
    const evil = join(mirror, "evil/evil/1.0.0", `${os}_${arch}`);
    mkdirSync(evil, { recursive: true });
    writeFileSync(join(evil, "terraform-provider-evil_v1.0.0"), `#!/bin/sh\ntouch ${owned}\n`);
    chmodSync(join(evil, "terraform-provider-evil_v1.0.0"), 0o755);
    writeFileSync(
      join(host.userHome, ".terraformrc"),
      `provider_installation {\n  filesystem_mirror {\n    path = ${JSON.stringify(join(host.folder, "mirror"))}\n  }\n}\n`,
    );
  });
  afterAll(() => {
    backend.close();
    host.remove();
  });

  test("in a remote backend is refused, and the provider is not run", async () => {
    const { port } = backend.address() as AddressInfo;
    const address = `http://127.0.0.1:${port}/{stack}`;
    host.writeSettings("default", { terraform: { backend: { type: "http", config: { address } } } });
    const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: `sk-or-v1-${"a".repeat(64)}` });
    expect(code).toBe(1);
    expect(stderr).toContain("evil/evil");
    expect(existsSync(owned)).toBe(false);
    expect(host.docker("ps", "-aq")).toBe("");
  });

  test("in the instance directory is refused before Terraform has it", async () => {
    host.writeSettings("default", {});
    mkdirSync(home.terraform, { recursive: true });
    writeFileSync(home.state("vault"), JSON.stringify(state));
    const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: `sk-or-v1-${"a".repeat(64)}` });
    expect(code).toBe(1);
    expect(stderr).toContain("holds what no stack of this program declares");
    expect(existsSync(owned)).toBe(false);
    expect(host.docker("ps", "-aq")).toBe("");
  });
});
