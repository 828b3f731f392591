import { existsSync } from "node:fs";
import { keyFingerprint } from "../../lib/model/openrouter-key";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** A new key in the place of the stored one, on a deployed instance. */
describe("rotation", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const home = host.home("default");
  const [first, second, refused] = [newKey(), newKey(), newKey()];
  const management = newKey();
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(first, second);
    await openrouter.control.putKey({ key: management, management: true });
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    await host.mustRun(["up"], { OPENROUTER_API_KEY: first });
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const rotateTo = (key: string, ...args: string[]) =>
    host.run(["rotate", "--key-stdin", "--json", ...args], {}, `${key}\n`);

  async function expectEmptyPlan(): Promise<void> {
    const { stdout } = await host.mustRun(["up", "--json"]);
    expect(JSON.parse(stdout)).toMatchObject({ changed: false, check: { outcome: "pass" } });
  }

  test("a key that OpenRouter refuses is not stored", async () => {
    const { code, stdout, stderr } = await rotateTo(refused);
    expect({ code, stderr }).toMatchObject({ code: 1 });
    expect(JSON.parse(stdout)).toMatchObject({ result: "undone", key: keyFingerprint(first) });
    expect(stderr).toContain("the new key does not work");
    expect(vault.key()).toBe(first);
    expect(existsSync(home.rotation)).toBe(false);
  });

  test("a given key takes the place of the stored one, and Terraform's next plan is empty", async () => {
    const { code, stdout, stderr } = await rotateTo(second);
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(JSON.parse(stdout)).toMatchObject({ result: "rotated", key: keyFingerprint(second) });
    expect(vault.key()).toBe(second);
    await expectEmptyPlan();
  });

  test("the key that was rotated away is refused from then on", async () => {
    const { code, stderr } = await host.run(["up"], { OPENROUTER_API_KEY: first });
    expect(code).toBe(1);
    expect(stderr).toContain("was rotated away");
    expect(vault.key()).toBe(second);
  });

  test("a new key is made by the management key, and the old one is disabled", async () => {
    const { stdout } = await host.mustRun(["rotate", "--json"], {
      OPENROUTER_MANAGEMENT_KEY: management,
    });
    const report = JSON.parse(stdout);
    expect(report).toMatchObject({ result: "rotated" });
    expect(vault.key()).not.toBe(second);
    await expectEmptyPlan();
  });
});
