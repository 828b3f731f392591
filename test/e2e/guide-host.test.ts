import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { GuideVault } from "./support/guide-vault";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { runOnTerminal } from "./support/terminal";

/** What section 2.12 has people write; the last three groups are of their own. */
const config = {
  instance_name: "oa-paris",
  environment: "production",
  model: {
    provider: "openrouter",
    default_model: "anthropic/claude-sonnet-4-20250514",
    fallback_model: "anthropic/claude-haiku-3.5",
    temperature: 0.3,
    max_tokens: 8192,
  },
  vault: {
    enabled: true,
    address: "http://127.0.0.1:8200",
    token_env: "VAULT_TOKEN",
    secret_prefix: "secret",
  },
  agents: {
    defaults: {
      models: [
        { id: "anthropic/claude-sonnet-4-20250514", provider: "openrouter", role: "primary" },
        { id: "anthropic/claude-haiku-3.5", provider: "openrouter", role: "fallback" },
      ],
    },
  },
  database: { host: "127.0.0.1", name: "openclaw" },
  gateway: { port: 3000 },
  logging: { level: "info" },
};

/** A host that was set up by hand by the setup guide's sections 2.7, 2.12 and 2.13, and nothing else. */
describe("a host set up by hand by the setup guide", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  const key = newKey();
  const configFile = join(host.userHome, ".openclaw/config.json");
  const text = `${JSON.stringify(config, null, 2)}\n`;
  let openrouter: LocalOpenRouter;
  let before: Record<string, unknown>;

  /** All but the auth method that `destroy` leaves enabled. */
  const everything = async (): Promise<Record<string, unknown>> => {
    const { "sys/auth": auth, ...rest } = await vault.everything();
    const { "approle/": _, ...methods } = auth as Record<string, unknown>;
    return { ...rest, methods };
  };

  beforeAll(async () => {
    openrouter = await localOpenRouter(key);
    // OpenRouter's address is the only setting of this test's own.
    host.writeSettings("default", { openrouter: { baseUrl: openrouter.baseUrl } });
    await vault.start();
    vault.asRoot(["secrets", "enable", "-path=secret", "kv-v2"]);
    vault.asRoot(["login", "-"], vault.rootToken);
    vault.vault("kv", "put", "secret/openrouter", `api_key=${key}`);
    mkdirSync(join(host.userHome, ".openclaw"), { mode: 0o700 });
    writeFileSync(configFile, text, { mode: 0o600 });
    before = await everything();
  });
  afterAll(async () => {
    await openrouter.close();
    host.remove();
  });

  test("without a terminal, up says both ways and changes nothing", async () => {
    const { code, stderr } = await host.run(["up", "-i", "default"]);
    expect(code).toBe(64);
    expect(stderr).toContain("a Vault at http://127.0.0.1:8200, in the container vault");
    expect(stderr).toContain('{"vault":{"address":"http://127.0.0.1:8200","container":"vault"}}');
    expect(stderr).toContain('{"vault":{"container":"vault-default","port":8210}}');
    expect(stderr).not.toContain("defect");
    expect(await everything()).toEqual(before);
    expect(readFileSync(configFile, "utf8")).toBe(text);
  });

  test("on a terminal a no stops, and changes nothing", async () => {
    const { code, screen } = await runOnTerminal(host, ["up"], [{ to: /instead of a new one/, type: "n" }]);
    expect(code).toBe(64);
    expect(screen).toContain("it is not to be used");
    expect(await everything()).toEqual(before);
  });

  test("a yes and the admin's token take it up, with the key that is in it", async () => {
    const { code, screen } = await runOnTerminal(
      host,
      ["up"],
      [
        { to: /instead of a new one/, type: "" },
        { to: /The admin's token:/, type: vault.rootToken },
      ],
    );
    expect(screen).not.toContain("Your OpenRouter API key");
    expect(screen).not.toContain(vault.rootToken);
    expect(screen).toContain("is plain HTTP");
    expect(code).toBe(0);
    expect(
      JSON.parse(readFileSync(join(host.home("default").root, "openrouter.settings.json"), "utf8")),
    ).toEqual({
      openrouter: { baseUrl: openrouter.baseUrl },
      vault: { address: "http://127.0.0.1:8200", container: "vault" },
      openclaw: { instanceName: "oa-paris" },
    });
    expect(screen).toContain("replaced by what the settings declare: model, agents.defaults.models");
    expect(await vault.read("secret/data/openrouter")).toMatchObject({
      data: { api_key: key },
      metadata: { version: 1 },
    });
    // What is the user's own in config.json is unchanged.
    const { instance_name, database, gateway, logging } = config;
    expect(JSON.parse(readFileSync(configFile, "utf8"))).toMatchObject({
      ...{ instance_name, database, gateway, logging },
    });
  });

  test("the check passes, plain HTTP is said by status alone, and nothing has drifted", async () => {
    const check = await host.mustRun(["check"]);
    expect(check.stderr).toContain("Check passed");
    expect(check.stderr).not.toContain("plain HTTP");
    expect((await host.mustRun(["status"])).stderr).toContain("plain HTTP");
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("the key is rotated, and the setup guide's command reads the new one", async () => {
    const next = newKey();
    await openrouter.control.putKey({ key: next, limit: 30, limitReset: "monthly" });
    const file = join(host.folder, "next");
    writeFileSync(file, next, { mode: 0o600 });
    await host.mustRun(["key", "rotate", "--key-file", file]);
    expect(vault.vault("kv", "get", "-field=api_key", "secret/openrouter")).toBe(next);
    vault.vault("kv", "put", "secret/openrouter", `api_key=${key}`);
  });

  test("destroy leaves it as it was", async () => {
    await host.mustRun(["destroy", "--yes", "--purge"]);
    vault.vault("kv", "metadata", "delete", "secret/openrouter");
    vault.vault("kv", "put", "secret/openrouter", `api_key=${key}`);
    const after = await everything();
    expect(Object.keys(after).sort()).toEqual(Object.keys(before).sort());
    for (const path of ["sys/mounts", "methods", "sys/audit"]) expect(after[path]).toEqual(before[path]);
    expect(readFileSync(configFile, "utf8")).toBe(text);
    expect(host.docker("ps", "-a", "--format", "{{.Names}}")).toBe("vault");
  });
});
