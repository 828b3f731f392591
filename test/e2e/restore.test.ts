import { cpSync, existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import { DeployedHost, deployedKey } from "./support/deployed";
import { testInFull } from "./support/full";
import type { LocalOpenRouter } from "./support/openrouter";
import { TestVault } from "./support/vault";

const anything = z.unknown();
const other = z.object({ data: z.object({ data: z.object({ token: z.string() }) }) });

/** A backup put back: where it was made, and on a host that has nothing. */
describe("restore", () => {
  const host = new DeployedHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const key = deployedKey;
  const file = join(host.folder, "backup.tar");
  const shares = join(host.folder, "shares.json");
  let declaration = "";
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await host.restore();
    await writeOther("first");
    const made = await host.mustRun(["backup", "create", "--out", file, "--json"]);
    declaration = JSON.parse(made.stdout).backup.declaration;
    cpSync(home.shares, shares);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const writeOther = (token: string) =>
    vault.asRoot((root) =>
      root.call({ method: "POST", path: "secret/data/discord", body: { data: { token } } }, anything),
    );
  const readOther = () =>
    vault.asRoot(
      async (root) => (await root.call({ path: "secret/data/discord" }, other)).data.data.token,
      shares,
    );

  test("asks first, and without a terminal needs --yes", async () => {
    const { code, stderr } = await host.run(["restore", "--from", file]);
    expect(code).toBe(64);
    expect(stderr).toContain("--yes");
  });

  test("puts everything of then instead of what is there, which is backed up first", async () => {
    await writeOther("second");
    const { stdout } = await host.mustRun(["restore", "--from", file, "--yes", "--json"]);
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({
      instance: "default",
      sameDeclaration: true,
      check: { outcome: expect.stringMatching(/pass|warn/) },
    });
    expect(await readOther()).toBe("first");
    expect(vault.key()).toBe(key);
    expect(existsSync(home.replacing)).toBe(false);
    expect(host.docker("volume", "ls", "-q")).not.toContain("before");
    // And back again: what was there before is one of the backups.
    await host.mustRun(["restore", "--from", report.before, "--yes"]);
    expect(await readOther()).toBe("second");
  });

  testInFull("after one whose check failed, what was written since is kept", async () => {
    const other = join(host.folder, "other.tar");
    await host.mustRun(["backup", "create", "--out", other]);
    await openrouter.control.putKey({ key, disabled: true });
    try {
      expect((await host.run(["restore", "--from", file, "--yes"])).code).toBe(1);
      await writeOther("third");
      expect((await host.run(["restore", "--from", other, "--yes"])).code).toBe(1);
      expect(await readOther()).toBe("second");
    } finally {
      await openrouter.control.putKey({ key, disabled: false });
    }
    await host.mustRun(["restore", "--undo", "--yes"]);
    // Vault is stopped until then.
    await host.mustRun(["vault", "unseal"]);
    expect(await readOther()).toBe("third");
  });

  test("onto a host that has nothing: asks for the shares, and changes nothing without them", async () => {
    host.clear();
    const { code, stderr } = await host.run(["restore", "--from", file]);
    expect(code).toBe(1);
    expect(stderr).toContain("--share-file");
    expect(host.docker("ps", "-aq")).toBe("");
    expect(host.docker("volume", "ls", "-q")).toBe("");
  });

  testInFull("onto a host that has nothing: with the shares it is as it was", async () => {
    const onto = ["restore", "--from", file, "--share-file", shares, "--json"];
    // Its settings send the key elsewhere than by default: somebody has to want that.
    const refused = await host.run([...onto, "--yes"]);
    expect(refused.code).toBe(64);
    expect(refused.stderr).toContain(
      `openrouter.baseUrl: "https://openrouter.ai/api/v1" → "${openrouter.baseUrl}"`,
    );
    expect(existsSync(home.root)).toBe(false);
    expect(host.docker("volume", "ls", "-q")).toBe("");
    const { stdout } = await host.mustRun([...onto, "--trust-archive"]);
    expect(JSON.parse(stdout)).toMatchObject({
      before: null,
      sameDeclaration: true,
      check: { outcome: expect.stringMatching(/pass|warn/) },
    });
    expect(vault.key()).toBe(key);
    expect(await readOther()).toBe("first");
    // Shares that people give are not put on the host.
    expect(existsSync(home.shares)).toBe(false);
    const { stderr } = await host.mustRun(["up"]);
    expect(stderr).toContain("nothing changed");
    await host.mustRun(["drift"]);
  });

  testInFull("refuses a backup of another Vault", async () => {
    const text = readFileSync(home.instance, "utf8");
    await host.mustRun(["destroy", "--purge", "--yes"]);
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: key });
    expect(readFileSync(home.instance, "utf8")).not.toBe(text);
    // Without any backup, the same settings and key give the same declaration.
    const again = await host.mustRun(["backup", "create", "--json"]);
    expect(JSON.parse(again.stdout).backup.declaration).toBe(declaration);
    const before = vault.started();
    const refused = await host.run(["restore", "--from", file, "--share-file", shares, "--yes"]);
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain("another Vault");
    expect(vault.started()).toBe(before);
    // With shares that do not fit, all is as it was.
    const wrong = await host.run([
      "restore",
      "--from",
      file,
      "--share-file",
      home.shares,
      "--yes",
      "--force",
    ]);
    expect(wrong.code).toBe(1);
    expect(wrong.stderr).toContain("not unseal");
    expect(vault.key()).toBe(key);
    expect(existsSync(home.replacing)).toBe(false);
    await host.mustRun(["restore", "--from", file, "--share-file", shares, "--yes", "--force"]);
    expect(await readOther()).toBe("first");
    rmSync(shares);
  });
});
