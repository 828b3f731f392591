import { existsSync, mkdtempSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { hostRecord } from "../../lib/store/records/host-record";
import { DeployedHost, deployedKey } from "./support/deployed";
import { describeInFull, testInFull } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Another image of Vault: builds of the same version, since no older one is to be had here. */
describe("upgrade", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const settings = (image?: string) =>
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      ...(image ? { vault: { image } } : {}),
    });
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    // Its labels are no longer Vault's: which version is in it, the program in it says.
    build("test/vault:other", "LABEL org.opencontainers.image.title=other");
    // Says that it is an older one, and nothing else.
    const old =
      '{"type":"shamir","initialized":false,"sealed":true,"t":0,"n":0,"progress":0,"version":"1.20.4"}';
    const serve = `mkdir -p /tmp/w/v1/sys && echo '${old}' >/tmp/w/v1/sys/seal-status && exec httpd -f -p 8200 -h /tmp/w`;
    build("test/vault:older", `ENTRYPOINT ${JSON.stringify(["/bin/sh", "-c", serve])}`);
    // Starts where it has no data, and does not where it has.
    build(
      "test/vault:broken",
      `ENTRYPOINT ["/bin/sh","-c","[ ! -e /vault/file/vault.db ] && exec docker-entrypoint.sh server; echo cannot read these data; exit 1"]`,
    );
  });
  afterAll(async () => {
    await openrouter.close();
    host.docker("rmi", "-f", "test/vault:other", "test/vault:older", "test/vault:broken");
    host.remove();
  });

  /** Another build: a commit of the same with a change. */
  function build(name: string, change: string): void {
    host.docker("commit", "--change", change, host.docker("create", image()), name);
  }
  const image = () => host.docker("inspect", "-f", "{{.Config.Image}}", vault.container);
  const volumes = () => host.docker("volume", "ls", "-q", "--filter", "name=vault-");

  test("up does not replace the image by itself, and says what does", async () => {
    settings("test/vault:other");
    const before = vault.started();
    const { code, stderr } = await host.run(["up"]);
    expect(code).toBe(1);
    expect(stderr).toMatch(/openclaw-openrouter vault upgrade/);
    expect(vault.started()).toBe(before);
  });

  test("replaces it after a backup, and keeps the data", async () => {
    const { stdout } = await host.mustRun(["vault", "upgrade", "--yes", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ outcome: "upgraded", to: { image: "test/vault:other" } });
    expect(existsSync(report.backup)).toBe(true);
    expect(vault.key()).toBe(key);
    expect(existsSync(home.replacing)).toBe(false);
    expect(volumes().split("\n").sort()).toEqual(["vault-data", "vault-home", "vault-socket"]);
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    const again = await host.mustRun(["vault", "upgrade", "--yes", "--json"]);
    expect(JSON.parse(again.stdout).outcome).toBe("nothing to do");
  });

  test("refuses an older Vault, with nothing changed", async () => {
    settings("test/vault:older");
    const before = vault.started();
    const { code, stderr } = await host.run(["vault", "upgrade", "--yes"]);
    expect(stderr).toContain("name an older Vault than the one that runs");
    expect(code).toBe(1);
    expect(vault.started()).toBe(before);
    expect(existsSync(home.replacing)).toBe(false);
    settings("test/vault:other");
  });

  describeInFull("an image by whose tag nobody would see that Vault 2 is in it", () => {
    const lying = "test/vault:1.21.2";

    beforeAll(() => {
      // Not a commit: that would keep the labels of the image that it is made from.
      const folder = mkdtempSync(join(host.folder, "image-"));
      writeFileSync(
        join(folder, "vault"),
        "#!/bin/sh\necho 'Vault v2.0.0 (abcdef), built 2026-11-01T00:00:00Z'\n",
        {
          mode: 0o755,
        },
      );
      const made = host.docker("create", image());
      host.docker("cp", join(folder, "vault"), `${made}:/bin/vault`);
      host.docker("export", "-o", join(folder, "image.tar"), made);
      host.docker("import", "--change", "VOLUME /vault/file", join(folder, "image.tar"), lying);
      host.docker("rm", made);
    });
    afterAll(() => host.docker("rmi", "-f", lying));

    const left = () => [
      host.docker("ps", "-aq").split("\n").length,
      host.docker("volume", "ls", "-q").split("\n").length,
    ];

    test("is refused by upgrade, and nothing is left of the look into it", async () => {
      settings(lying);
      const [before, things] = [vault.started(), left()];
      const { code, stderr } = await host.run(["vault", "upgrade", "--yes"]);
      expect(stderr).toContain("Vault 2 and newer are not supported as an instance's own");
      expect(stderr).toContain(`got:      Vault 2.0.0 in ${lying}`);
      expect(code).toBe(1);
      expect([vault.started(), left(), existsSync(home.replacing)]).toEqual([before, things, false]);
      settings("test/vault:other");
    });

    test("is refused by up, before anything is made", async () => {
      const things = left();
      host.writeSettings("paris", {
        vault: { image: lying, port: 8210 },
        openrouter: { baseUrl: openrouter.baseUrl },
        openclaw: { folder: join(host.folder, "openclaw-paris") },
      });
      const up = () => host.run(["up", "--instance", "paris"], { OPENROUTER_API_KEY: key });
      expect(await up()).toMatchObject({
        code: 1,
        stderr: expect.stringContaining("Vault 2 and newer are not supported"),
      });
      expect(hostRecord.read(host.home("paris"))?.program).toMatchObject({
        product: "Vault",
        version: "2.0.0",
      });
      // Known by now, and refused all the same.
      expect((await up()).code).toBe(1);
      expect(left()).toEqual(things);
    });
  });

  testInFull(
    "goes back to the old image and data where the new one does not start, and says what it said",
    async () => {
      settings("test/vault:broken");
      const { code, stdout, stderr } = await host.run(["vault", "upgrade", "--yes", "--json"]);
      expect(stderr).toContain("does not stay up");
      expect(stderr).toContain("cannot read these data");
      expect(stderr).toContain("Restoring the old image");
      expect(JSON.parse(stdout)).toMatchObject({ outcome: "back", from: { image: "test/vault:other" } });
      expect(code).toBe(1);
      expect(vault.key()).toBe(key);
      expect(existsSync(home.replacing)).toBe(false);
      settings("test/vault:other");
      expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    },
  );
});
