import { existsSync } from "node:fs";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Another image of Vault: builds of the same version, since no older one is to be had here. */
describe("upgrade", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = newKey();
  const settings = (image?: string) =>
    host.writeSettings("default", {
      openrouter: { baseUrl: openrouter.baseUrl },
      ...(image ? { vault: { image } } : {}),
    });
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    settings();
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
    build("test/vault:other", "LABEL build=other");
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
    expect(stderr).toContain("npx openclaw-openrouter upgrade");
    expect(vault.started()).toBe(before);
  });

  test("replaces it after a backup, and keeps the data", async () => {
    const { stdout } = await host.mustRun(["upgrade", "--yes", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ outcome: "upgraded", to: { image: "test/vault:other" } });
    expect(existsSync(report.backup)).toBe(true);
    expect(vault.key()).toBe(key);
    expect(existsSync(home.replacing)).toBe(false);
    expect(volumes().split("\n").sort()).toEqual(["vault-data", "vault-home"]);
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    const again = await host.mustRun(["upgrade", "--yes", "--json"]);
    expect(JSON.parse(again.stdout).outcome).toBe("nothing to do");
  });

  test("refuses an older Vault, with nothing changed", async () => {
    settings("test/vault:older");
    const before = vault.started();
    const { code, stderr } = await host.run(["upgrade", "--yes"]);
    expect(stderr).toContain("name an older Vault than the one that runs");
    expect(code).toBe(1);
    expect(vault.started()).toBe(before);
    expect(existsSync(home.replacing)).toBe(false);
    settings("test/vault:other");
  });

  test("goes back to the old image and data where the new one does not start, and says what it said", async () => {
    settings("test/vault:broken");
    const { code, stdout, stderr } = await host.run(["upgrade", "--yes", "--json"]);
    expect(stderr).toContain("does not stay up");
    expect(stderr).toContain("cannot read these data");
    expect(stderr).toContain("put back");
    expect(JSON.parse(stdout)).toMatchObject({ outcome: "back", from: { image: "test/vault:other" } });
    expect(code).toBe(1);
    expect(vault.key()).toBe(key);
    expect(existsSync(home.replacing)).toBe(false);
    settings("test/vault:other");
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
  });
});
