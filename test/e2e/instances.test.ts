import { existsSync } from "node:fs";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** Several instances on one host, each with port, name and home of its own. */
describeInFull("two instances side by side", () => {
  const host = new TestHost();
  const instances = [
    { name: "paris", port: 8210, key: newKey(), vault: new TestVault(host, "paris", "vault-paris", 8210) },
    { name: "lyon", port: 8211, key: newKey(), vault: new TestVault(host, "lyon", "vault-lyon", 8211) },
  ] as const;
  const [paris, lyon] = instances;
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(paris.key, lyon.key);
    for (const { name, port } of instances)
      host.writeSettings(name, { vault: { port }, openrouter: { baseUrl: openrouter.baseUrl } });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("are deployed at the same time", async () => {
    await Promise.all(
      instances.map(({ name, key }) => host.mustRun(["up", "-i", name], { OPENROUTER_API_KEY: key })),
    );
    for (const { key, vault } of instances) expect(vault.key()).toBe(key);
  });

  test("status --all tells of both", async () => {
    const { stdout } = await host.mustRun(["status", "--all", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({
      version: 1,
      instances: [
        { instance: "lyon", container: { name: "vault-lyon", state: "running" }, vault: { sealed: false } },
        { instance: "paris", container: { name: "vault-paris", state: "running" }, vault: { sealed: false } },
      ],
    });
    const { stderr } = await host.mustRun(["status", "--all"]);
    expect(stderr).toContain("https://127.0.0.1:8210");
    expect(stderr).toContain("https://127.0.0.1:8211");
  });

  test("what is done to one leaves the other unchanged", async () => {
    const before = lyon.vault.started();
    const next = newKey();
    await openrouter.control.putKey({ key: next, limit: 30, limitReset: "monthly" });
    await host.mustRun(["key", "rotate", "-i", "paris", "--key-stdin"], {}, next);
    expect(paris.vault.key()).toBe(next);
    expect(lyon.vault.key()).toBe(lyon.key);

    await host.mustRun(["destroy", "-i", "paris", "--purge", "--yes"]);
    expect(existsSync(host.home("paris").root)).toBe(false);
    expect(lyon.vault.started()).toBe(before);
    expect(lyon.vault.key()).toBe(lyon.key);
    const { stdout } = await host.mustRun(["up", "-i", "lyon", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, check: { outcome: "warn" } });
  });

  test("an instance whose settings are wrong does not hide the others", async () => {
    host.writeSettings("broken", { vault: { prot: 1 } });
    await host.run(["up", "-i", "broken"]);
    expect((await host.run(["status", "--all", "--json"])).code).toBe(0);
  });
});
