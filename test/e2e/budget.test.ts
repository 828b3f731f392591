import { sha256 } from "../../lib/core/fingerprint";
import { managementClient } from "../../lib/openrouter/management";
import { testInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { TestVault } from "./support/vault";

/** The settings' hard limit, enforced by OpenRouter itself. */
describe("budget", () => {
  const host = new TestHost();
  const vault = new TestVault(host);
  const [key, management] = [newKey(), newKey()];
  let openrouter: LocalOpenRouter;

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    await openrouter.control.putKey({ key: management, management: true });
    await openrouter.control.putKey({ key, name: "agent", limit: null, limitReset: null });
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    // The whole check fails for want of a limit.
    expect((await host.run(["up"], { OPENROUTER_API_KEY: key })).code).toBe(1);
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  const budget = (managementKey: string, ...args: string[]) =>
    host.run(["key", "limit", "--json", ...args], { OPENROUTER_MANAGEMENT_KEY: managementKey });
  const limitOf = async (wanted: string) => {
    const keys = await managementClient({
      baseUrl: openrouter.baseUrl,
      key: management,
      timeoutSeconds: 10,
    }).list();
    const item = keys.find(({ hash }) => hash === sha256(wanted));
    return [item?.limit, item?.limitReset];
  };
  const checkOf = async () => {
    const { stdout } = await host.run(["check", "--json", "--only", "budget.limit"]);
    const { results } = JSON.parse(stdout) as { results: { id: string; status: string; summary: string }[] };
    return results.find(({ id }) => id === "budget.limit");
  };

  test("the key gets the hard limit, reset monthly, and the check passes", async () => {
    expect((await checkOf())?.status).toBe("fail");
    const { code, stdout, stderr } = await budget(management);
    expect({ code, stderr }).toMatchObject({ code: 0, stderr: expect.stringContaining("34.50 USD a month") });
    expect(JSON.parse(stdout)).toMatchObject({
      result: "set",
      limitUsd: 34.5,
      remainingUsd: expect.closeTo(34.5, 2),
    });
    expect(await limitOf(key)).toEqual([34.5, "monthly"]);
    expect((await checkOf())?.status).toBe("pass");
  });

  test("a second run changes nothing", async () => {
    await openrouter.control.clearRequests();
    expect(JSON.parse((await budget(management)).stdout)).toMatchObject({ result: "as it was" });
    const methods = (await openrouter.control.requests()).map(({ method }) => method);
    expect(methods).not.toContain("PATCH");
  });

  test("check and drift tell where somebody changed it since", async () => {
    await openrouter.control.putKey({ key, limit: 20 });
    expect(await checkOf()).toMatchObject({
      status: "warn",
      summary: expect.stringMatching(/limit of 20\.00 USD .*; 34\.50 USD, reset monthly, was set on/),
    });
    await openrouter.control.putKey({ key, limit: 50 });
    const { code, stdout } = await host.run(["drift", "--json"]);
    expect(code).toBe(2);
    expect(stdout).toMatch(/limit/);
    await budget(management);
    expect((await checkOf())?.status).toBe("pass");
    expect((await host.run(["drift", "--json"])).code).toBe(0);
  });

  test("what is beyond the limit OpenRouter refuses", async () => {
    await openrouter.control.putKey({
      key,
      usage: { total: 34.5, daily: 34.5, weekly: 34.5, monthly: 34.5 },
    });
    expect(JSON.parse((await budget(management)).stdout)).toMatchObject({ remainingUsd: 0 });
    const { stdout } = await host.run(["check", "--json", "--only", "chat.default"]);
    expect(stdout).toContain("The key's own limit is spent");
    await openrouter.control.putKey({ key, usage: { total: 0, daily: 0, weekly: 0, monthly: 0 } });
  });

  test.each([
    ["an ordinary key", key, "Only a management key can do this"],
    ["a key that nobody knows", newKey(), "cannot list the account's keys"],
  ])("%s instead of the management key changes nothing", async (_, given, said) => {
    expect(await budget(given)).toMatchObject({ code: 1, stderr: expect.stringContaining(said) });
    expect(await limitOf(key)).toEqual([34.5, "monthly"]);
  });

  test("none at all is wrong usage", async () => {
    expect(await host.run(["key", "limit"])).toMatchObject({ code: 64 });
  });

  testInFull("--new-key makes one with the limit, and rotates it in", async () => {
    await openrouter.control.putKey({ key, limit: 5, limitReset: "daily" });
    const { code, stderr } = await budget(management, "--new-key", "--grace", "0");
    expect({ code, stderr }).toMatchObject({ code: 0 });
    const made = vault.key();
    expect(made).not.toBe(key);
    expect(await limitOf(made)).toEqual([34.5, "monthly"]);
    expect(await limitOf(key)).toEqual([undefined, undefined]);
    expect((await checkOf())?.status).toBe("pass");
  });

  testInFull(
    "a key of another account is not taken for gone or limited; --new-key moves to this one",
    async () => {
      const stored = vault.key();
      const foreign = newKey();
      await openrouter.control.putKey({ key: foreign, name: "foreign" });
      await host.mustRun(["key", "rotate", "--key-stdin"], {}, foreign);
      const client = managementClient({ baseUrl: openrouter.baseUrl, key: management, timeoutSeconds: 10 });
      expect(stored).not.toBe(foreign);
      await client.remove(sha256(foreign));
      const { code, stderr } = await budget(management);
      expect({ code, stderr }).toMatchObject({ code: 1, stderr: expect.stringContaining("--new-key") });
      expect((await budget(management, "--new-key")).code).toBe(0);
      expect(await limitOf(vault.key())).toEqual([34.5, "monthly"]);
    },
  );

  testInFull(
    "in another workspace, with own provider keys: the limit binds both, and a new key stays there",
    async () => {
      const team = "7d1c2c5e-9a0b-4f6e-8d35-1f2e3d4c5b6a";
      const stored = vault.key();
      const client = managementClient({ baseUrl: openrouter.baseUrl, key: management, timeoutSeconds: 10 });
      const itemOf = async (wanted: string) =>
        (await client.list(team)).find(({ hash }) => hash === sha256(wanted));
      const byokUsage = { total: 2, daily: 1, weekly: 1, monthly: 1 };
      await openrouter.control.putKey({ key: stored, workspaceId: team, limit: 5, byokUsage });
      expect(JSON.parse((await budget(management)).stdout)).toMatchObject({ result: "set", limitUsd: 34.5 });
      expect(await itemOf(stored)).toMatchObject({ limit: 34.5, includeByokInLimit: true });
      expect(JSON.parse((await budget(management)).stdout)).toMatchObject({ result: "as it was" });
      expect((await checkOf())?.status).toBe("pass");

      expect((await budget(management, "--new-key", "--grace", "0")).code).toBe(0);
      expect(vault.key()).not.toBe(stored);
      expect(await itemOf(vault.key())).toMatchObject({ limit: 34.5, includeByokInLimit: true });
      expect(await itemOf(stored)).toBeUndefined();
    },
  );
});
