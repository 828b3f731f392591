import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeployedHost, deployedKey } from "./support/deployed";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();

/** A previous container and volumes, re-created. */
describe("rebuild", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await vault.asRoot(async (root) => {
      for (const token of ["one", "two"])
        await root.call(
          { method: "POST", path: "secret/data/team/discord", body: { data: { token } } },
          anything,
        );
      await root.call(
        {
          method: "PUT",
          path: "sys/policies/acl/mine",
          body: { policy: 'path "x" { capabilities = ["read"] }' },
        },
        anything,
      );
    });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const volumes = () => host.docker("volume", "ls", "-q", "--filter", "name=vault").split("\n").sort();

  test("gives a new container and new volumes with the same in them, and proves it", async () => {
    const before = vault.started();
    const shares = readFileSync(home.shares, "utf8");
    const { stdout, stderr } = await host.mustRun(["rebuild", "--yes", "--json"]);
    const { comparison, check, backup } = JSON.parse(stdout);
    expect(comparison.changed).toEqual([]);
    expect(comparison.compared).toBeGreaterThan(20);
    expect(comparison.renewed.map(({ what }: { what: string }) => what)).toEqual([
      "container's id",
      "container made",
      "volume vault-data made",
      "volume vault-home made",
    ]);
    expect(check.outcome).not.toBe("fail");
    expect(stderr).toContain("is rebuilt; the check passed");
    expect(vault.started()).not.toBe(before);
    expect(readFileSync(home.shares, "utf8")).toBe(shares);
    expect(vault.key()).toBe(key);
    expect(volumes()).toEqual(["vault-data", "vault-home", "vault-socket"]);
    for (const left of [home.replacing, join(home.root, "before"), join(home.root, "before-rebuild.json")])
      expect(existsSync(left)).toBe(false);
    expect(existsSync(backup)).toBe(true);
    expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
  });

  test("needs a yes where nobody can be asked", async () => {
    const before = vault.started();
    expect((await host.run(["rebuild"])).code).toBe(64);
    expect(vault.started()).toBe(before);
  });
});
