import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseInvitation } from "../../lib/model/invitation";
import { logInWith } from "../../lib/vault/log-in";
import { makeCertificate } from "../support/certificate";
import { describeInFull } from "./support/full";
import { GuideVault } from "./support/guide-vault";
import { TestHost } from "./support/host";
import { type LocalOpenRouter, localOpenRouter, newKey } from "./support/openrouter";
import { OtherHosts } from "./support/other-hosts";

/** A Vault of a team, by two addresses, at one of which nothing answers; its admin gives tokens with the documented policies. */
describeInFull("hosts on an external Vault with several addresses", () => {
  const host = new TestHost();
  const others = new OtherHosts(host);
  const tls = makeCertificate(host.folder, "vault");
  const vault = new GuideVault(host, { container: "company-vault", port: 8443, tls });
  const dead = "https://127.0.0.1:8499";
  const [own, key, next] = [newKey(), newKey(), newKey()];
  let openrouter: LocalOpenRouter;
  let token = "";

  beforeAll(async () => {
    openrouter = await localOpenRouter(own, key, next);
    host.writeSettings("default", {
      vault: { address: [dead, vault.address], caFile: tls.caFile },
      openrouter: { baseUrl: openrouter.baseUrl, path: "secret/openrouter" },
    });
    await vault.start();
    vault.asRoot(["audit", "enable", "file", "file_path=stdout"]);
    for (const page of ["external-vault", "many-hosts"])
      vault.asRoot(["policy", "write", page, "-"], policyOf(page));
    token = vault.asRoot(["token", "create", "-policy=external-vault", "-policy=many-hosts", "-field=token"]);
  });
  afterAll(async () => {
    await openrouter.close();
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
    expect(await logInWith(vault.client, held)).toMatchObject({ status: 400 });
    expect(await others.resolve("web1")).toEqual({});
  });
});

function policyOf(page: string): string {
  const text = readFileSync(join(__dirname, `../../docs/${page}.md`), "utf8");
  return /```hcl\n([^`]+)```/.exec(text)?.[1] ?? "";
}
