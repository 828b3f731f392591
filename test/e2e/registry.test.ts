import { createServer, type Server } from "node:net";
import { join } from "node:path";
import { openBundle } from "../../lib/bundle/bundle";
import { bundleImage, makeBundleImage } from "../../lib/bundle/image";
import { EngineApi } from "../../lib/docker/engine-api";
import { describeUnless } from "../support/skip";
import { debianPackage } from "./support/debian";
import { killEngine } from "./support/engine";
import { describeInFull, triedOf } from "./support/full";
import { TestHost } from "./support/host";
import { ImageRegistry, type RegistryFault } from "./support/image-registry";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";

const debian = debianPackage("docker-registry");
const describeWithRegistry = describeUnless(debian ? undefined : "Debian's docker-registry cannot be had");

describeWithRegistry("Vault's image from a registry", () => {
  const host = new TestHost();
  const registry = new ImageRegistry(debian ?? "", join(host.folder, "registry"));
  const name = "hashicorp/vault";
  const tagged = `${registry.address}/${name}:1.21.2`;
  const key = newKey();
  let byDigest: string;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    await registry.start();
    await makeBundleImage(
      new EngineApi(host.engine.replace("unix://", "")),
      openBundle({ env: host.environment() }),
    );
    host.docker("tag", bundleImage, tagged);
    const digest = /sha256:[0-9a-f]{64}/.exec(host.docker("push", tagged))?.[0];
    byDigest = `${registry.address}/${name}@${digest}`;
    forgetImages();
  });
  afterEach(() => {
    registry.fault = undefined;
    host.clear();
    forgetImages();
  });
  afterAll(async () => {
    registry.stop();
    await openrouter.close();
    host.remove();
  });

  function forgetImages(): void {
    const ids = new Set(host.docker("image", "ls", "-aq", "--no-trunc").split("\n").filter(Boolean));
    if (ids.size > 0) host.docker("image", "rm", "-f", ...ids);
  }

  async function up(image: string) {
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl }, vault: { image } });
    const started = Date.now();
    const outcome = await host.run(["up"], { OPENROUTER_API_KEY: key });
    return { ...outcome, seconds: (Date.now() - started) / 1000 };
  }

  const names: [string, () => string][] = [
    ["digest", () => byDigest],
    ["tag", () => tagged],
  ];
  const triedNames = triedOf(
    names,
    (_name, index) => index === 0,
    ([kind]) => `it is pulled by its ${kind}, deployed, and stays`,
  );
  test.each(triedNames)("it is pulled by its %s, deployed, and stays", async (_, image) => {
    const first = await up(image());
    expect(first.stderr).toContain("Instance default is deployed; the check passed.");
    expect(host.docker("inspect", "-f", "{{.Config.Image}} {{.Image}}", "vault")).toMatch(
      /^(sha256:\w+) \1$/,
    );
    expect(host.docker("image", "ls", "-q", bundleImage)).toBe("");

    registry.fault = "hangs";
    expect((await up(image())).stderr).toContain("nothing changed; the check passed.");
    expect((await host.run(["drift"])).code).toBe(0);
  });

  /** What a person reads, and the seconds after which it hangs: on a busy machine a deploy takes many times as long. */
  const faults: [RegistryFault, RegExp, number][] = [
    ["status 503", /503 Service Unavailable/, 60],
    ["layer of other bytes", /verification failed for digest sha256:/, 60],
    ["hangs", /no answer within 10 s/, 70],
    ["layer hangs halfway", /sent nothing for 60 s/, 120],
    ["half of a layer", /unexpected EOF/, 180],
  ];
  const triedFaults = triedOf(
    faults,
    (_fault, index) => index < 2,
    ([fault]) => `where it fails, that is reported in time and nothing is made: ${fault}`,
  );
  test.each(triedFaults)(
    "where it fails, that is reported in time and nothing is made: %s",
    async (fault, says, limit) => {
      registry.fault = fault;
      const { code, stderr, seconds } = await up(`${registry.faultyAddress}/${name}:1.21.2`);
      console.log(`${fault}: told after ${seconds.toFixed(1)} s, hangs after ${limit} s`);
      expect(code).toBe(1);
      expect(stderr).toMatch(says);
      expect(stderr).toMatch(/fix:/);
      expect(seconds).toBeLessThan(limit);
      expect(host.docker("ps", "-aq")).toBe("");
    },
  );

  describeInFull("of the public, which fails behind a proxy: the bundle's is used", () => {
    const proxies: [string, (server: Server) => void][] = [
      ["never answers", () => {}],
      [
        "answers with 502",
        (server) => server.on("connection", (socket) => socket.end("HTTP/1.1 502 Bad Gateway\r\n\r\n")),
      ],
      ["breaks off", (server) => server.on("connection", (socket) => socket.destroy())],
    ];
    test.each(proxies)("that %s", async (_, behave) => {
      const proxy = createServer((socket) => socket.on("error", () => {})).listen(3128, "127.0.0.1");
      behave(proxy);
      try {
        await (await killEngine(host))({ HTTPS_PROXY: "http://127.0.0.1:3128" });
        const started = Date.now();
        const { stderr } = await host.mustRun(["up"]);
        console.log(
          `the public registry ${_}: deployed after ${((Date.now() - started) / 1000).toFixed(1)} s`,
        );
        expect(stderr).toContain("Instance sandbox is deployed; the check passed.");
        expect(host.docker("image", "ls", "-q", bundleImage)).not.toBe("");
        expect(Date.now() - started).toBeLessThan(60_000);
      } finally {
        proxy.close();
        await (await killEngine(host))();
      }
    });
  });
});
