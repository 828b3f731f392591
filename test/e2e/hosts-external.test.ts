import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseInvitation } from "../../lib/model/invitation";
import { logInWith } from "../../lib/vault/log-in";
import { describeInFull } from "./support/full";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";
import { VaultProcess } from "./support/vault-process";

/** A Vault of a team, by two addresses, at one of which nothing answers; its admin gives tokens with the documented policies. */
describeInFull("hosts on an external Vault with several addresses", () => {
  const host = new TestHost();
  const others = new OtherHosts(host);
  const vault = new VaultProcess(join(host.folder, "vault"));
  const dead = "https://127.0.0.1:8499";
  const [own, key, next] = [newKey(), newKey(), newKey()];
  let openrouter: LocalOpenRouter;
  let token = "";

  beforeAll(async () => {
    openrouter = await localOpenRouter(own, key, next);
    await vault.start();
    host.writeSettings("default", {
      vault: { address: [dead, vault.address], caFile: vault.certificate.caFile },
      openrouter: { baseUrl: openrouter.baseUrl, path: "secret/openrouter" },
    });
    const audit = { type: "file", options: { file_path: join(host.folder, "audit.log") } };
    await vault.root.write("sys/audit/file", audit, "PUT");
    for (const page of ["external-vault", "many-hosts"]) await vault.writePolicy(page, policyOf(page));
    token = await vault.token("external-vault", "many-hosts");
  });
  afterAll(async () => {
    await openrouter.close();
    await vault.stop();
    host.remove();
  });

  /** Runs a command that asks for an admin's token. */
  const asAdmin = (args: string[], environment = {}) =>
    host.mustRun([...args, "--admin-token-stdin", "-i", "default"], environment, token);
  function keyFile(text: string): string {
    const file = join(host.folder, "key");
    writeFileSync(file, text, { mode: 0o600 });
    return file;
  }

  test("up deploys by the one that answers, and plans nothing more", async () => {
    await asAdmin(["up"], { OPENROUTER_API_KEY: own });
    expect(JSON.parse((await host.mustRun(["up", "--json"])).stdout)).toMatchObject({ changed: false });
    expect((await host.run(["drift"])).code).toBe(0);
    const { stdout } = await host.run(["check", "--json", "--only", "vault.reachable"]);
    expect(JSON.parse(stdout).results[0]).toMatchObject({
      status: "warn",
      summary: expect.stringContaining(`1 of 2 addresses: not at ${dead}`),
    });
  });

  test("a host joins by both, and gets another key, with the documented policies", async () => {
    const invited = await asAdmin(["host", "invite", "web1", "--any-address", "--key-file", keyFile(key)]);
    expect(parseInvitation(invited.stdout)).toMatchObject({ address: dead, otherAddresses: [vault.address] });
    await others.mustRun("web1", ["host", "join"], invited.stdout);
    expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": key });
    expect((await others.run("web1", ["drift"])).code).toBe(0);
    await asAdmin(["host", "rotate", "web1", "--key-file", keyFile(next)]);
    expect(await others.resolve("web1")).toEqual({ "openrouter/api_key": next });
    const { hosts } = JSON.parse((await host.mustRun(["host", "list", "--json"])).stdout);
    expect(hosts[0].lastLogin).toBeUndefined();
    expect((await host.run(["drift"])).code).toBe(0);
  });

  test("an eviction ends its access at once", async () => {
    const held = others.credentialOf("web1")!;
    await asAdmin(["host", "evict", "web1", "--yes", "--purge"]);
    expect(await logInWith(vault.root, held)).toMatchObject({ status: 400 });
    expect(await others.resolve("web1")).toEqual({});
  });
});

function policyOf(page: string): string {
  const text = readFileSync(join(__dirname, `../../docs/${page}.md`), "utf8");
  return /```hcl\n([^`]+)```/.exec(text)?.[1] ?? "";
}
