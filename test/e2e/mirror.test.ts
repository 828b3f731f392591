import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type MirrorFault, ProviderMirror } from "./support/provider-mirror";

describeInFull("providers through Terraform's network mirror protocol", () => {
  const host = new TestHost();
  const mirror = new ProviderMirror(join(host.folder, "mirror"));
  beforeAll(() => mirror.start());
  beforeEach(() => {
    mirror.asked.length = 0;
    writeFileSync(
      join(host.userHome, ".terraformrc"),
      `provider_installation {\n  network_mirror {\n    url = "${mirror.url}"\n  }\n}\n`,
    );
  });
  afterEach(() => host.clear());
  afterAll(() => {
    mirror.stop();
    host.remove();
  });

  async function up() {
    const started = Date.now();
    const outcome = await host.run(["up"], { SSL_CERT_FILE: mirror.caFile });
    return { ...outcome, seconds: (Date.now() - started) / 1000 };
  }

  test("a mirror of the user's own certificate serves a deploy, and is asked no more", async () => {
    mirror.fault = undefined;
    const first = await up();
    expect(first.stderr).toMatch(/providers from what \S+\.terraformrc names/);
    expect(first.stderr).toContain("Instance sandbox is deployed; the check passed.");
    expect(mirror.asked.filter((path) => path.endsWith(".zip")).length).toBeGreaterThanOrEqual(3);
    mirror.asked.length = 0;
    mirror.fault = "hangs";
    expect((await up()).stderr).toContain("nothing changed; the check passed.");
    expect(mirror.asked).toEqual([]);
  });

  /** Which way out is taken, and the seconds after which it hangs: on a busy machine a deploy takes many times as long. */
  const faults: [MirrorFault, "bundle" | RegExp, number][] = [
    ["status 503", "bundle", 120],
    ["package of other bytes", /doesn't\s+match\s+the expected checksum/, 60],
    ["half of a package", /unexpected\s+EOF/, 60],
    ["hangs", "bundle", 120],
    ["package hangs halfway", /sent nothing for 60 s/, 120],
  ];
  test.each(faults)("one that fails: %s", async (fault, way, limit) => {
    mirror.fault = fault;
    const { code, stderr, seconds } = await up();
    console.log(
      `${fault}: ${way === "bundle" ? "deployed with the bundle" : "told"} after ${seconds.toFixed(1)} s`,
    );
    if (way === "bundle") {
      expect(stderr).toMatch(/providers from the bundle \(nothing that \S+ names answers\)/);
      expect(code).toBe(0);
    } else {
      expect(stderr).toMatch(way);
      expect(stderr).toMatch(/fix:[\s\S]*--bundle/);
      expect(code).toBe(1);
      expect(host.docker("ps", "-aq")).toBe("");
    }
    expect(seconds).toBeLessThan(limit);
  });
});
