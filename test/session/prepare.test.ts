import { mkdirSync, readdirSync } from "node:fs";
import { join } from "node:path";
import { Readable } from "node:stream";
import { extract, type Header } from "tar-stream";
import { openBundle, partFile, partFolder } from "../../lib/bundle/bundle";
import { partNames } from "../../lib/bundle/bundle-parts";
import { bundleImage, pullImage, registryImage } from "../../lib/bundle/image";
import { imageToolsFolder } from "../../lib/bundle/image-tools";
import { reportError } from "../../lib/cli/output";
import { settingsSchema } from "../../lib/config/settings";
import { EngineApi } from "../../lib/docker/engine-api";
import { instanceLabel } from "../../lib/model/instance-label";
import { inspectHost } from "../../lib/operations/doctor";
import { prepareHost } from "../../lib/session/prepare";
import type { HostRecord } from "../../lib/store/records/host-record";
import { FakeEngine, failure, scratchFolder, script, write } from "../host/support";

const root = scratchFolder();
const confirm = async () => {
  throw new Error("nothing was to be asked");
};
let engine: FakeEngine;
let env: NodeJS.ProcessEnv;
let count = 0;

beforeEach(async () => {
  const folder = join(root, String(++count));
  mkdirSync(folder);
  engine = await new FakeEngine(join(folder, "docker.sock")).listen();
  script(join(folder, "bin/terraform"), 'echo "Terraform v1.11.4"');
  env = {
    DOCKER_HOST: `unix://${engine.socket}`,
    HOME: folder,
    PATH: join(folder, "bin"),
    OPENCLAW_OPENROUTER_CACHE: join(folder, "cache"),
  };
});
afterEach(() => engine.close());

/** An offline bundle with all parts, of no use but to be found. */
function builtBundle(): void {
  const bundle = openBundle({ env });
  for (const name of partNames) write(partFile(bundle, name), `the program ${name}`);
  write(join(partFolder(bundle, "vault"), "docker-entrypoint.sh"), "#!/bin/sh\n");
  write(join(imageToolsFolder(bundle), "root/usr/bin/busybox"), "busybox");
  write(join(imageToolsFolder(bundle), "root/usr/sbin/setcap"), "setcap");
  write(join(imageToolsFolder(bundle), "applets"), "sh\nsetcap\nwget\n");
}

const prepare = (
  more: {
    wantedImage?: string;
    record?: HostRecord;
    bundle?: string | true;
    build?: boolean;
    signal?: AbortSignal;
  } = {},
) =>
  prepareHost({
    ...{ wantedImage: registryImage, confirm, env },
    proof: { volume: "vault-data", instanceId: "mine" },
    ...more,
  });

test("the default of the setting is the image that the bundle can stand in for", () => {
  expect(settingsSchema.parse({}).vault.image).toBe(registryImage);
});

test("with --bundle and the parts there, no registry is asked, and a second run makes nothing", async () => {
  builtBundle();
  engine.registry = "has";
  const first = await prepare({ bundle: true });
  expect(first).toMatchObject({
    engine: { id: "ENGINE-ONE /data", host: env.DOCKER_HOST },
    program: { kind: "terraform", origin: "path" },
    providers: { kind: "bundle" },
    image: { reference: bundleImage, origin: "bundle" },
    warnings: [],
  });
  engine.calls.length = 0;
  const second = await prepare({
    bundle: true,
    record: JSON.parse(JSON.stringify(first.record)) as HostRecord,
  });
  expect(second.record).toEqual(first.record);
  expect(second.image).toMatchObject({ reference: bundleImage, origin: "engine" });
  expect(engine.calls).toEqual(["GET /info", "GET /_ping", `GET /images/${bundleImage}/json`]);
});

test("without Terraform the bundle's OpenTofu is used, and an older one is named", async () => {
  builtBundle();
  script(join(env.PATH ?? "", "terraform"), 'echo "Terraform v1.5.7"');
  const { program, warnings } = await prepare({ bundle: true });
  expect(program).toMatchObject({
    kind: "tofu",
    origin: "bundle",
    path: partFile(openBundle({ env }), "opentofu"),
  });
  expect(warnings).toEqual([expect.stringContaining("terraform is 1.5.7")]);
});

test("where nothing may be built, the missing parts are named, and built ones are used", async () => {
  const { folder } = openBundle({ env });
  const message = await failure(() => prepare({ bundle: true, build: false }));
  for (const text of [
    "provider-vault",
    ", vault",
    "the programs of Vault's image",
    folder,
    "openclaw-openrouter bundle",
  ])
    expect(message).toContain(text);
  builtBundle();
  expect((await prepare({ bundle: true, build: false })).image).toMatchObject({ origin: "bundle" });
});

test("a pull that fails is reported in the registry's words: one that refuses is no registry that does not answer", async () => {
  engine.refusal = "toomanyrequests: You have reached your unauthenticated pull rate limit.";
  env.HTTPS_PROXY = "http://127.0.0.1:9";
  const message = await failure(() => prepare({ build: false }));
  expect(message).toContain(`${registryImage} could not be pulled: ${engine.refusal}`);
});

test("an interruption in the middle of an import ends it, and no stream ends the program", async () => {
  builtBundle();
  write(partFile(openBundle({ env }), "vault"), "v".repeat(20_000_000));
  engine.importing = "waits";
  const interruption = new AbortController();
  const preparing = prepare({ bundle: true, signal: interruption.signal });
  setTimeout(() => interruption.abort(new Error("interrupted")), 1000);
  await expect(preparing).rejects.toThrow("interrupted");
  // What a stream still throws by itself comes after that.
  await new Promise((resolve) => setTimeout(resolve, 100));
});

test.each(["refuses", "closes"] as const)(
  "an engine that %s an import is reported as that, with a fix",
  async (importing) => {
    builtBundle();
    engine.importing = importing;
    const error = await prepare({ bundle: true }).then(
      () => undefined,
      (thrown: unknown) => thrown,
    );
    const said = jest.spyOn(process.stderr, "write").mockImplementation(() => true);
    reportError(error);
    const text = said.mock.calls.map(([line]) => line).join("");
    said.mockRestore();
    expect(text).toMatch(
      importing === "refuses" ? "no space left on device" : /socket hang up|ECONNRESET|EPIPE/,
    );
    expect(text).toContain("fix:");
    expect(text).not.toMatch(/defect|\n +at /);
  },
);

test("a kernel that does not limit memory is recorded, and told with what would", async () => {
  builtBundle();
  expect((await prepare({ bundle: true })).record).not.toHaveProperty("limitsMemory");
  engine.limitsMemory = false;
  const { record, warnings } = await prepare({ bundle: true });
  expect(record.limitsMemory).toBe(false);
  expect(warnings).toEqual([expect.stringContaining("cgroup_enable=memory")]);
});

test("an older engine brings its warning", async () => {
  builtBundle();
  engine.version = "20.10.24+dfsg1";
  expect((await prepare({ bundle: true })).warnings).toEqual([expect.stringContaining("iptables -t raw")]);
});

test("another engine than the recorded one is the same, if it has the instance's volume", async () => {
  builtBundle();
  engine.volumes.set("vault-data", { [instanceLabel]: "mine" });
  const { record } = await prepare({ bundle: true, record: { engineId: "ENGINE-TWO" } });
  expect(record.engineId).toContain("ENGINE-ONE");
});

test.each<[string, Record<string, string> | undefined]>([
  ["without that volume", undefined],
  ["with a volume of that name that another instance labelled", { [instanceLabel]: "another" }],
  ["with a volume of that name without a label", {}],
])("another engine than the recorded one, %s, is a stop", async (_, labels) => {
  if (labels) engine.volumes.set("vault-data", labels);
  const message = await failure(() => prepare({ bundle: true, record: { engineId: "ENGINE-TWO" } }));
  expect(message).toContain("ENGINE-ONE");
  expect(message).toContain("ENGINE-TWO");
});

test("a folder of --bundle that does not exist is a stop", async () => {
  expect(await failure(() => prepare({ bundle: join(root, "typo") }))).toContain("typo");
});

describe("the image", () => {
  test("that is on the engine is used, the wanted one before the bundle's", async () => {
    builtBundle();
    engine.images.set(registryImage, "sha256:registry").set(bundleImage, "sha256:bundle");
    expect((await prepare({ bundle: true })).image).toMatchObject({
      reference: registryImage,
      origin: "engine",
    });
  });

  test("used last is used again, though the wanted one has come since", async () => {
    builtBundle();
    engine.images.set(registryImage, "sha256:registry").set(bundleImage, "sha256:bundle");
    const record = { image: { wanted: registryImage, reference: bundleImage } };
    expect((await prepare({ bundle: true, record })).image.reference).toBe(bundleImage);
  });

  test("of the user's own choice is pulled, and never replaced by the bundle's", async () => {
    builtBundle();
    engine.images.set(bundleImage, "sha256:bundle");
    expect(await failure(() => prepare({ wantedImage: "corp/vault:9", bundle: true }))).toContain(
      "corp/vault:9",
    );
    engine.registry = "has";
    expect((await prepare({ wantedImage: "corp/vault:9", bundle: true })).image).toEqual({
      reference: "corp/vault:9",
      id: "sha256:pulled",
      origin: "registry",
    });
  });

  test("is pulled with progress; a registry that never answers is given up", async () => {
    const api = new EngineApi(engine.socket);
    engine.registry = "has";
    const lines: string[] = [];
    expect(await pullImage(api, "corp/vault", { progress: (line) => lines.push(line) })).toBeUndefined();
    expect(engine.images.has("corp/vault:latest")).toBe(true);
    expect(lines).toContain("image: pulling corp/vault, 2 of 8 MB");
    engine.registry = "silent";
    expect(await pullImage(api, registryImage, { firstAnswer: 50 })).toContain("no answer");
    engine.registry = "refuses";
    expect(await pullImage(api, registryImage)).toBe("no such host");
  });

  test("of the bundle has the registry's contract: user, folders, entrypoint, applets", async () => {
    builtBundle();
    await prepare({ bundle: true });
    const entries = new Map<string, Header>();
    const archive = extract();
    archive.on("entry", (header, stream, next) => {
      entries.set(header.name.replace(/\/$/, ""), header);
      stream.on("end", () => next());
      stream.resume();
    });
    await new Promise<void>((resolve, reject) => {
      archive.on("finish", resolve).on("error", reject);
      Readable.from([engine.imported]).pipe(archive as unknown as NodeJS.WritableStream);
    });
    for (const folder of ["vault/file", "vault/logs", "vault/config", "home/vault"]) {
      expect(entries.get(folder)).toMatchObject({ type: "directory", uid: 100, gid: 1000 });
    }
    expect(entries.get("usr/bin/vault")).toMatchObject({ uid: 0, mode: 0o755 });
    expect(entries.get("usr/local/bin/docker-entrypoint.sh")).toMatchObject({ mode: 0o755 });
    expect(entries.get("usr/bin/wget")).toMatchObject({ type: "symlink", linkname: "busybox" });
    expect(entries.has("usr/bin/setcap")).toBe(false);
    expect(entries.get("tmp")).toMatchObject({ mode: 0o1777 });
  });
});

describe("the doctor", () => {
  const inspect = async (more: { home?: string } = {}) => {
    const rows = await inspectHost({
      instance: "default",
      wantedImage: registryImage,
      home: join(env.HOME ?? "", "home"),
      bundle: true,
      env,
      ...more,
    });
    return Object.fromEntries(rows.map((row) => [row.id, row]));
  };

  test("finds no problem on a complete host, and changes nothing", async () => {
    builtBundle();
    engine.images.set(bundleImage, "sha256:bundle");
    // As large as a real one, whose version a deploy would keep.
    script(join(env.PATH ?? "", "terraform"), `echo "Terraform v1.11.4"; exit 0\n# ${"x".repeat(2 ** 20)}`);
    const before = readdirSync(env.HOME ?? "", { recursive: true }).sort();
    const rows = await inspect();
    expect(Object.keys(rows).filter((id) => !/^[a-z]+\.[a-z]+$/.test(id))).toEqual([]);
    for (const id of [
      "host.platform",
      "host.node",
      "docker.engine",
      "docker.image",
      "terraform.program",
      "terraform.providers",
      "bundle.parts",
      "bundle.go",
      "instance.directory",
    ]) {
      expect(rows[id]).toMatchObject({ status: "pass" });
    }
    expect(readdirSync(env.HOME ?? "", { recursive: true }).sort()).toEqual(before);
    expect(new Set(engine.calls.map((call) => call.split(" ")[0]))).toEqual(new Set(["GET"]));
  });

  test("names the program that runs, and an installed copy that is older", async () => {
    const install = join(env.HOME ?? "", "installed");
    env.OPENCLAW_OPENROUTER_INSTALL = install;
    expect((await inspect())["host.program"]).toMatchObject({
      status: "pass",
      summary: expect.stringContaining(join(__dirname, "../..")),
    });
    const copy = join(install, "current");
    write(join(copy, "package.json"), '{ "version": "0.0.1" }');
    write(join(copy, "installed.json"), '{ "files": {} }');
    expect((await inspect())["host.program"]).toMatchObject({
      status: "warn",
      summary: expect.stringContaining(`installed: 0.0.1, package, ${copy}`),
      fix: "openclaw-openrouter up",
    });
    write(join(copy, "package.json"), '{ "version": "99.0.0" }');
    expect((await inspect())["host.program"]).toMatchObject({ status: "pass" });
  });

  test("tells what is missing, each with its fix", async () => {
    await engine.close();
    const home = join(env.HOME ?? "", "open");
    mkdirSync(home, { mode: 0o755 });
    env.PATH = join(env.HOME ?? "", "nothing");
    const rows = await inspect({ home });
    expect(rows["docker.engine"]).toMatchObject({ status: "fail", fix: expect.any(String) });
    expect(rows["docker.image"]?.status).toBe("warn");
    expect(rows["terraform.program"]).toMatchObject({
      status: "warn",
      fix: expect.stringContaining("1.11"),
    });
    expect(rows["bundle.parts"]).toMatchObject({
      status: "warn",
      summary: expect.stringContaining("vault 1.21.2"),
    });
    expect(rows["bundle.go"]).toMatchObject({ status: "warn", fix: expect.stringContaining("Install Go") });
    expect(rows["instance.directory"]).toMatchObject({ status: "fail", fix: `chmod 700 ${home}` });
  });
});

test("whoever asks for an encrypted state is told that it is not", async () => {
  builtBundle();
  process.env.TF_ENCRYPTION = 'method "aes_gcm" "m" {}';
  try {
    const { warnings } = await prepare({ bundle: true });
    expect(warnings).toContainEqual(expect.stringContaining("TF_ENCRYPTION is not used"));
  } finally {
    delete process.env.TF_ENCRYPTION;
  }
});
