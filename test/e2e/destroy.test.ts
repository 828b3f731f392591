import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull } from "./support/full";
import { type LocalOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();
const secretAnswer = z.object({ data: z.object({ data: z.record(z.string(), z.string()) }) });

/** What goes, what stays, and what is never taken. */
describe("destroy", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const other = new TestVault(host, "paris", "vault-paris", 8300);
  const [key, parisKey] = [deployedKey, newKey()];
  let openrouter: LocalOpenRouter;

  const settings = (more: object = {}) => ({ openrouter: { baseUrl: openrouter.baseUrl }, ...more });
  const rendered = join(host.userHome, ".openclaw/config.json");

  beforeAll(async () => {
    openrouter = await host.restore(parisKey);
    host.writeSettings("paris", settings({ vault: { port: 8300 } }));
    await host.mustRun(["up", "--instance", "paris"], { OPENROUTER_API_KEY: parisKey });
    // The user's Vault holds other secrets as well.
    await vault.asRoot((root) =>
      root.call(
        { method: "POST", path: "secret/data/github", body: { data: { token: "theirs" } } },
        anything,
      ),
    );
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  async function foreignSecret(): Promise<unknown> {
    return vault.asRoot(
      async (root) => (await root.call({ path: "secret/data/github" }, secretAnswer)).data.data,
    );
  }

  test("without --yes and without a terminal it is wrong usage, and nothing goes", async () => {
    const before = vault.started();
    for (const args of [["destroy"], ["destroy", "--purge"]]) {
      const { code, stderr } = await host.run(args);
      expect(code).toBe(64);
      expect(stderr).toContain("Add --yes.");
    }
    expect(vault.started()).toBe(before);
    expect(existsSync(rendered)).toBe(true);
  });

  test.each([
    ["on the same port", { container: "renamed" }, "Port 8200 on 127.0.0.1 is taken"],
    ["on another port", { container: "renamed", port: 8400 }, "would delete what holds the secrets"],
  ])(
    "a container renamed in the settings, %s, would cost its volumes: nothing is changed",
    async (_where, changed, problem) => {
      const before = vault.started();
      const volumes = host.docker("volume", "ls", "-q");
      host.writeSettings("default", settings({ vault: changed }));
      try {
        const { code, stderr } = await host.run(["up"]);
        expect(code).toBe(1);
        expect(stderr).toContain(problem);
      } finally {
        host.writeSettings("default", settings());
      }
      expect(vault.started()).toBe(before);
      expect(host.docker("volume", "ls", "-q")).toBe(volumes);
      expect(vault.key()).toBe(key);
      expect((await host.mustRun(["up"])).stderr).toContain("nothing changed");
    },
  );

  test("--yes takes the container and OpenClaw's files, and nothing else, also of a Vault that is down", async () => {
    const shares = readFileSync(host.home("default").shares);
    host.docker("stop", "vault");
    await host.mustRun(["destroy", "--yes"]);
    expect(host.docker("ps", "-aq", "--filter", "name=^vault$")).toBe("");
    expect(existsSync(rendered)).toBe(false);
    expect(host.docker("volume", "ls", "-q").split("\n")).toEqual(
      expect.arrayContaining(["vault-data", "vault-home"]),
    );
    expect(readFileSync(host.home("default").shares)).toEqual(shares);
  });

  test("destroyed once more, there is nothing to do", async () => {
    await host.mustRun(["destroy", "--yes"]);
  });

  test("the next up goes on with Vault's data: the key without being given, and the foreign secret", async () => {
    await host.mustRun(["up"]);
    expect(vault.key()).toBe(key);
    expect(await foreignSecret()).toEqual({ token: "theirs" });
    expect(existsSync(rendered)).toBe(true);
  });

  testInFull("--purge takes all of one instance and nothing of another", async () => {
    const before = other.started();
    await host.mustRun(["backup", "create"]);
    const backups = join(`${host.homes}-backups`, "default");
    const { stderr } = await host.mustRun(["destroy", "--yes", "--purge"]);
    expect(stderr).toContain(`Everything of this instance is removed, except its backups in ${backups}`);
    expect(existsSync(backups)).toBe(true);
    expect(host.docker("ps", "-a", "--format", "{{.Names}}")).toBe("vault-paris");
    expect(host.docker("volume", "ls", "-q").split("\n").sort()).toEqual([
      "vault-paris-data",
      "vault-paris-home",
      "vault-paris-socket",
    ]);
    expect(existsSync(host.home("default").root)).toBe(false);
    expect(existsSync(rendered)).toBe(false);

    expect(other.started()).toBe(before);
    expect(other.key()).toBe(parisKey);
    expect((await host.mustRun(["up", "--instance", "paris"])).stderr).toContain(
      "nothing changed; the check passed",
    );
  });
});
