import { execFileSync } from "node:child_process";
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { type Bundle, openBundle, partFile } from "../../lib/bundle/bundle";
import { bundleParts } from "../../lib/bundle/bundle-parts";
import { imageToolsFolder } from "../../lib/bundle/image-tools";
import { listTree } from "../../lib/core/files/tree";
import { packageRoot } from "../../lib/core/system/package-root";
import { testUnless } from "../support/skip";
import { compileSupport } from "./support/compile";
import { debianPackage } from "./support/debian";
import { describeInFull, isFull } from "./support/full";
import { TestHost } from "./support/host";
import { outside } from "./support/package";

/** Runs programs of arm64 on a machine that is none. */
const emulator = isFull ? debianPackage("qemu-user-static") : undefined;
const testEmulated = testUnless(emulator ? undefined : "qemu-user-static cannot be had");

test("a kind of machine that nothing is built for is refused by name", async () => {
  const host = new TestHost();
  const { code, stderr } = await host.run(["bundle", "--arch", "s390x"]);
  host.remove();
  expect(code).toBe(64);
  expect(stderr).toMatch(/s390x[\s\S]*amd64, arm64/);
});

/** Of the whole bundle only the smallest part is built here: all of it takes as long as everything else together. */
describeInFull("the bundle for arm64, built on another machine", () => {
  const host = new TestHost();
  const qemu = join(emulator ?? "", "usr/bin/qemu-aarch64-static");
  let bundle: Bundle;

  beforeAll(() => {
    const env = { OPENCLAW_OPENROUTER_CACHE: join(host.folder, "cache") };
    bundle = openBundle({ arch: "arm64", env });
    const child = compileSupport("bundle-child", host.folder);
    execFileSync("nsenter", [...outside(), process.execPath, child], {
      env: { ...process.env, ...env, TEST_SOURCES: join(packageRoot(), "bundle") },
      stdio: "pipe",
    });
  }, 600_000);
  afterAll(() => host.remove());

  test("the provider and every program of the image is one of arm64", async () => {
    const programs = (await listTree(join(imageToolsFolder(bundle), "root"))).filter(
      ({ name, kind }) => kind === "file" && name.startsWith("usr/"),
    );
    expect(programs.map(({ name }) => name)).toEqual(
      expect.arrayContaining(["usr/bin/busybox", "usr/bin/dumb-init", "usr/sbin/gosu"]),
    );
    for (const path of [partFile(bundle, "provider-local"), ...programs.map((program) => program.path)]) {
      const header = readFileSync(path).subarray(0, 20);
      expect([path, header.toString("latin1", 1, 4), header.readUInt16LE(18)]).toEqual([path, "ELF", 183]);
    }
  });

  testEmulated("its busybox has the names that the image links to", () => {
    const names = execFileSync(qemu, [join(imageToolsFolder(bundle), "root/usr/bin/busybox"), "--list"]);
    expect(readFileSync(join(imageToolsFolder(bundle), "applets"), "utf8")).toBe(names.toString());
  });

  testEmulated("the provider gives its schema", () => {
    const { version, file } = bundleParts["provider-local"];
    const mirror = join(host.folder, "mirror");
    // For this machine, by a script that has the emulator run it.
    const { os, arch } = openBundle().platform;
    const script = join(mirror, "registry.opentofu.org/hashicorp/local", version, `${os}_${arch}`, file);
    mkdirSync(dirname(script), { recursive: true });
    writeFileSync(script, `#!/bin/sh\nexec ${qemu} ${partFile(bundle, "provider-local")} "$@"\n`);
    chmodSync(script, 0o755);
    const folder = join(host.folder, "stack");
    mkdirSync(folder);
    const required = { local: { source: "hashicorp/local", version } };
    writeFileSync(
      join(folder, "main.tf.json"),
      JSON.stringify({ terraform: { required_providers: required } }),
    );
    const config = join(host.folder, "mirror.tofurc");
    writeFileSync(config, `provider_installation {\n filesystem_mirror {\n path = "${mirror}"\n }\n}\n`);
    const tofu = (...args: string[]) =>
      execFileSync(partFile(openBundle(), "opentofu"), args, {
        cwd: folder,
        env: host.environment({ TF_CLI_CONFIG_FILE: config }),
        encoding: "utf8",
        stdio: "pipe",
      });
    tofu("init");
    const schemas = JSON.parse(tofu("providers", "schema", "-json")).provider_schemas;
    expect(Object.keys(schemas["registry.opentofu.org/hashicorp/local"].resource_schemas)).toContain(
      "local_file",
    );
  });
});
