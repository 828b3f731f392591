import { z } from "zod";
import { readerPolicy } from "../../lib/model/vault/policies";
import { ifRefused, type VaultClient, type VaultRequest } from "../../lib/vault/client";
import { anything } from "../../lib/vault/schemas";
import { VaultProcess } from "../e2e/support/vault-process";
import { scratchFolder } from "../support/folder";

/**
 * Why only a person invites hosts: an identity that may, with the narrowest policy that Vault can express, on a real Vault. Even
 * with a mount of their own for the hosts' roles, and each parameter pinned, it reads every host's key, and with what an eviction
 * needs it takes over whoever has more rights.
 */
describe("an identity that may only invite hosts", () => {
  const vault = new VaultProcess(scratchFolder());
  let root: VaultClient;
  let inviter: VaultClient;
  let accessor = "";
  let person = "";

  beforeAll(async () => {
    await vault.start();
    ({ root } = vault);
    await root.write("sys/auth/hosts", { type: "approle" });
    const methods = await root.call({ path: "sys/auth" }, z.object({ data: z.record(z.string(), z.any()) }));
    accessor = methods.data["hosts/"].accessor;
    await vault.writePolicy(
      "host",
      readerPolicy(`secret/openrouter/{{identity.entity.aliases.${accessor}.metadata.role_name}}`),
    );
    await vault.writePolicy(
      "admin",
      'path "*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }',
    );
    await vault.writePolicy("inviter", narrowest(accessor));
    const entity = await root.call(
      { method: "POST", path: "identity/entity", body: { name: "ada", policies: ["admin"] } },
      z.object({ data: z.object({ id: z.string() }) }),
    );
    person = entity.data.id;
    await root.write("sys/mounts/secret", { type: "kv", options: { version: "2" } });
    inviter = root.withToken(await vault.token("inviter"));
  });
  afterAll(() => vault.stop());

  const refused = (request: VaultRequest) =>
    inviter.call(request, anything).then(
      () => "permitted",
      ifRefused(403, () => "refused"),
    );
  const write = (path: string, body: object): VaultRequest => ({ method: "POST", path, body });
  const invited = {
    token_policies: ["host"],
    token_type: "batch",
    token_ttl: 60,
    token_no_default_policy: true,
  };

  async function inviteHost(name: string): Promise<void> {
    await inviter.write(`auth/hosts/role/${name}`, invited);
    await inviter.write(`secret/data/openrouter/${name}`, { data: { api_key: `key of ${name}` } });
  }

  /** Takes the secret id of an invitation, as the invited host does, and logs in. */
  async function logInAs(name: string): Promise<VaultClient> {
    const role = `auth/hosts/role/${name}`;
    const id = await inviter.call(
      { path: `${role}/role-id` },
      z.object({ data: z.object({ role_id: z.string() }) }),
    );
    const wrapped = await inviter.call(
      { ...write(`${role}/secret-id`, {}), wrapSeconds: 120 },
      z.object({ wrap_info: z.object({ token: z.string() }) }),
    );
    const { data } = await root
      .withToken(wrapped.wrap_info.token)
      .call(write("sys/wrapping/unwrap", {}), z.object({ data: z.object({ secret_id: z.string() }) }));
    const login = { role_id: id.data.role_id, secret_id: data.secret_id };
    const { auth } = await root.call(
      write("auth/hosts/login", login),
      z.object({ auth: z.object({ client_token: z.string() }) }),
    );
    return root.withToken(auth.client_token);
  }

  test.each<[string, VaultRequest]>([
    ["give a role other policies", write("auth/hosts/role/x", { ...invited, token_policies: ["admin"] })],
    ["give it policies by the old name", write("auth/hosts/role/x", { ...invited, policies: ["admin"] })],
    [
      "make a role without a policy",
      write("auth/hosts/role/x", { token_type: "batch", token_no_default_policy: true }),
    ],
    ["write a policy", { method: "PUT", path: "sys/policies/acl/host", body: { policy: "" } }],
    ["have a secret id that is not wrapped", write("auth/hosts/role/web1/secret-id", {})],
    ["give an entity policies", write("identity/entity/name/host-web1", { policies: ["admin"] })],
    ["change another entity by its id", write("identity/entity/name/host-web1", { id: "other" })],
    ["read a key", { path: "secret/data/openrouter/web1" }],
    ["replace a key", write("secret/data/openrouter/web1", { data: { api_key: "mine" } })],
  ])("can be kept from this: to %s", async (_, request) => {
    if (request.path.startsWith("secret/")) await inviteHost("web1").catch(ifRefused(403, () => {}));
    expect(await refused(request)).toBe("refused");
  });

  test("reads every host's key: who may have a secret id wrapped can unwrap it as well", async () => {
    await inviteHost("web2");
    const asHost = await logInAs("web2");
    expect(await asHost.call({ path: "secret/data/openrouter/web2" }, anything)).toMatchObject({
      data: { data: { api_key: "key of web2" } },
    });
  });

  test("takes over anybody's entity by an alias, which an eviction at once needs: no parameter of it can be pinned", async () => {
    await inviteHost("evil");
    const id = await inviter.call(
      { path: "auth/hosts/role/evil/role-id" },
      z.object({ data: z.object({ role_id: z.string() }) }),
    );
    const alias = { name: id.data.role_id, canonical_id: person, mount_accessor: accessor };
    await inviter.write("identity/entity-alias", alias);
    const taken = await logInAs("evil");
    expect(await taken.call({ path: "sys/policies/acl/admin" }, anything)).toMatchObject({
      data: { name: "admin" },
    });
  });
});

function narrowest(accessor: string): string {
  return `
    path "auth/hosts/role/+" {
      capabilities = ["create", "update"]
      required_parameters = ["token_policies", "token_type", "token_no_default_policy"]
      allowed_parameters = {
        "token_policies" = [["host"]]
        "token_type" = ["batch"]
        "token_ttl" = []
        "token_no_default_policy" = [true]
      }
    }
    path "auth/hosts/role/+/role-id" { capabilities = ["read"] }
    path "auth/hosts/role/+/secret-id" {
      capabilities = ["update"]
      min_wrapping_ttl = "60s"
      max_wrapping_ttl = "3600s"
      denied_parameters = { "*" = [] }
    }
    path "secret/data/openrouter/+" { capabilities = ["create"] }
    path "identity/entity/name/host-*" {
      capabilities = ["create", "update", "read"]
      allowed_parameters = { "metadata" = [], "disabled" = [] }
    }
    path "identity/entity-alias" {
      capabilities = ["create", "update"]
      allowed_parameters = { "name" = [], "canonical_id" = [], "mount_accessor" = ["${accessor}"] }
    }`;
}
