import { homePaths } from "../../lib/model/home-paths";
import {
  externalVaultIdentities,
  type Identity,
  type IdentityName,
  identities,
  roleParameters,
} from "../../lib/model/vault/identities";
import { operatorPolicyName } from "../../lib/model/vault/policies";
import { guideNames } from "../../lib/model/vault/vault-names";
import { type Credential, readCredential } from "../../lib/store/credentials";
import { VaultFailure, type VaultRequest } from "../../lib/vault/client";
import { writeIdentities } from "../../lib/vault/identities/write-identities";
import { logInWith } from "../../lib/vault/log-in";
import { writeOperatorPolicy } from "../../lib/vault/operator";
import { anything, loginAnswer } from "../../lib/vault/schemas";
import { whatChanged } from "../../lib/vault/what-changed";
import { writeOwnVault } from "../../lib/vault/write-own-vault";
import { GuideVault } from "../e2e/support/guide-vault";
import { TestHost } from "../e2e/support/host";
import { type Attempt, everyAttempt, listed, type OpenApi, readOpenApi, sweep } from "./support/vault-sweep";

/** What any token may, also one without a policy: Vault asks for none, or for another token in the call. */
const anyToken = [
  "DELETE GET PATCH POST PUT sys/wrapping/lookup",
  "DELETE GET PATCH POST PUT sys/wrapping/rewrap",
  "DELETE GET PATCH POST PUT sys/wrapping/unwrap",
];

/** That there is a mount, which whoever may do anything in it is told. */
const seesSecret = ["GET sys/internal/ui/mounts/secret"];
const seesMounts = [...seesSecret, "GET sys/internal/ui/mounts/auth/approle"];

/** Vault refuses a batch token this for what it is, before it asks what it may. */
const batchToken = ["POST PUT cubbyhole/openrouter (recover_snapshot_id)"];

const readsIdentities = ["auditor", "deployer", "reader"].flatMap((name) => [
  `GET auth/approle/role/openclaw-${name}`,
  `GET auth/approle/role/openclaw-${name}/role-id`,
  `GET sys/policies/acl/openclaw-${name}`,
]);

/** What each may do of all that this Vault offers, and with which parameters. What a later Vault offers beyond it fails here. */
const expected: Record<IdentityName | "operator" | "deployer of an external Vault", readonly string[]> = {
  reader: [...anyToken, ...batchToken, ...seesSecret, "GET secret/data/openrouter"],
  auditor: [
    ...anyToken,
    ...batchToken,
    ...seesMounts,
    ...readsIdentities,
    ...["auditor", "deployer", "reader"].map((name) => `LIST auth/approle/role/openclaw-${name}/secret-id`),
    "GET auth/token/lookup-self",
    // Who else has access: roles, entities and groups, without what they log in with.
    "GET auth/token/roles/openrouter",
    "GET identity/entity/id/openrouter",
    "GET identity/group/id/openrouter",
    "GET secret/config",
    "GET secret/data/openrouter",
    "GET secret/metadata/openrouter",
    "GET sys/audit",
    "GET sys/auth",
    "GET sys/config/auditing/request-headers",
    "GET sys/config/cors",
    "GET sys/config/state/sanitized",
    "GET sys/mounts",
    "GET sys/mounts/auth/approle",
    "GET sys/mounts/auth/approle/tune",
    "GET sys/mounts/auth/auth/approle/tune",
    "GET sys/mounts/auth/secret/tune",
    "GET sys/mounts/secret",
    "GET sys/mounts/secret/tune",
    `GET sys/policies/acl/${operatorPolicyName}`,
    "GET sys/quotas/rate-limit/openrouter",
    "GET sys/storage/raft/configuration",
    "LIST auth/approle/role",
    "LIST auth/token/accessors",
    "LIST auth/token/roles",
    "LIST identity/entity/id",
    "LIST identity/group/id",
    "LIST sys/config/ui/headers",
    "LIST sys/policies/acl",
    "LIST sys/quotas/rate-limit",
    // A look, although Vault counts it as a write.
    "POST PUT auth/token/lookup-accessor (accessor)",
  ],
  deployer: [
    ...anyToken,
    ...batchToken,
    ...seesMounts,
    ...readsIdentities,
    // What a backup needs, which it may not read.
    "DELETE LIST POST PUT openclaw/backup/0 (read_snapshot_id, recover_snapshot_id)",
    // For joined hosts: which CA certificates to pin.
    "GET POST PUT openclaw/ca (read_snapshot_id, recover_snapshot_id)",
    "GET POST PUT secret/data/openrouter (data, options, version)",
    "GET POST PUT secret/metadata/openrouter (cas_required, custom_metadata, delete_version_after, exclude_deleted, max_versions)",
    "GET auth/token/lookup-self",
    "GET sys/audit",
    "GET sys/mounts/secret",
    "GET sys/storage/raft/snapshot",
  ],
  "deployer of an external Vault": [
    ...anyToken,
    ...batchToken,
    ...seesMounts,
    ...readsIdentities.map((line) => (line.endsWith("role-id") ? line : line.replace("GET", "DELETE GET"))),
    "GET PATCH POST PUT secret/data/openrouter (data, options, version)",
    "GET auth/token/lookup-self",
    "GET secret/metadata/openrouter",
  ],
  operator: [
    ...anyToken,
    ...seesSecret,
    // Every secret, and what becomes of its versions.
    ...["openrouter", "other"].flatMap((name) => [
      `DELETE GET PATCH POST PUT secret/data/${name} (data, options, version)`,
      `DELETE GET LIST PATCH POST PUT secret/metadata/${name} (cas_required, custom_metadata, delete_version_after, exclude_deleted, max_versions)`,
      `GET secret/subkeys/${name}`,
      `POST PUT secret/delete/${name} (versions)`,
      `POST PUT secret/destroy/${name} (versions)`,
      `POST PUT secret/undelete/${name} (versions)`,
    ]),
    "GET auth/token/lookup-self",
    "GET sys/internal/ui/resultant-acl",
    "POST PUT sys/capabilities-self (namespace, path, paths, token)",
    // By the first of the two it is gone.
    "POST auth/token/revoke-self",
  ],
};

/** What of Vault each credential opens, tried on all that Vault says it can do, with a Vault of the test's own. */
describe("the identities", () => {
  const host = new TestHost();
  const vault = new GuideVault(host);
  const home = homePaths(`${host.folder}/instance`);
  let api: OpenApi;
  /** All that needs a token with a policy. */
  let attempts: Attempt[];

  beforeAll(async () => {
    await vault.start();
    await write(identities);
    await writeOperatorPolicy(vault.root);
    for (const name of ["openrouter", "other"])
      await asRoot({ method: "POST", path: `secret/data/${name}`, body: { data: { api_key: name } } });
    api = await readOpenApi(vault.root);
    const all = everyAttempt(api);
    const nameOf = ({ method, path }: Attempt) => `${method} ${path}`;
    const open = new Set((await sweep(api, vault.address, undefined, all)).map(nameOf));
    attempts = all.filter((each) => !open.has(nameOf(each)));
  });
  afterAll(() => host.remove());

  async function write(declared: Record<IdentityName, Identity>): Promise<void> {
    await writeOwnVault(vault.root);
    await (await writeIdentities(vault.root, home, declared)).destroyOld();
  }

  function asRoot(request: VaultRequest): Promise<unknown> {
    return vault.root.call(request, anything);
  }

  async function tokenOf(name: IdentityName): Promise<string> {
    const { roleId, secretId } = readCredential(home, name) as Credential;
    const body = { role_id: roleId, secret_id: secretId };
    const { auth } = await vault.client.call(
      { method: "POST", path: "auth/approle/login", body },
      loginAnswer,
    );
    return auth.client_token;
  }

  async function expectExactly(name: keyof typeof expected, token: string): Promise<void> {
    const permitted = await sweep(api, vault.address, token, attempts);
    expect(listed(permitted)).toEqual([...expected[name]].sort());
  }

  test("this Vault says what it can do", () => {
    expect(attempts.length).toBeGreaterThan(1500);
    for (const path of ["sys/audit/file", "sys/mounts/secret/tune", "auth/approle/role/openclaw-auditor"])
      expect(attempts).toContainEqual(expect.objectContaining({ method: "POST", path }));
  });

  test.each(["reader", "auditor", "deployer"] as const)(
    "the %s may do what is listed, and no more",
    async (name) => {
      await expectExactly(name, await tokenOf(name));
    },
  );

  test("a person's token may do what is listed, and no more", async () => {
    const body = { policies: [operatorPolicyName], no_default_policy: true, ttl: "5m" };
    const request = { method: "POST", path: "auth/token/create-orphan", body } as const;
    const { auth } = await vault.root.call(request, loginAnswer);
    await expectExactly("operator", auth.client_token);
  });

  describe("the deployer raises itself by nothing that it says", () => {
    const role = "auth/approle/role/openclaw-auditor";
    const attacks: readonly VaultRequest[] = [
      ...[
        { bind_secret_id: false },
        { token_bound_cidrs: ["0.0.0.0/0"] },
        { token_type: "service" },
        { period: "768h" },
        { token_period: "768h" },
        { token_no_default_policy: false },
        { token_policies: ["openclaw-auditor", "root"] },
        { policies: ["root"] },
        { Token_Policies: ["root"] },
        { secret_id_bound_cidrs: [] },
        {
          bind_secret_id: false,
          token_type: "service",
          token_period: "768h",
          token_policies: ["openclaw-auditor"],
        },
        // What is declared, word for word.
        roleParameters(identities.auditor),
      ].map((body) => ({ method: "POST", path: role, body }) as const),
      { method: "POST", path: `${role}/bind-secret-id`, body: { bind_secret_id: false } },
      { method: "POST", path: `${role}/policies`, body: { token_policies: ["root"] } },
      { method: "POST", path: `${role}/period`, body: { token_period: "768h" } },
      { method: "POST", path: `${role}/secret-id`, body: {} },
      { method: "LIST", path: `${role}/secret-id` },
      { method: "POST", path: `${role}/role-id`, body: { role_id: "known" } },
      { method: "POST", path: "auth/approle/role/another", body: { token_policies: ["root"] } },
      { method: "PUT", path: "sys/policies/acl/openclaw-reader", body: { policy: 'path "*" {}' } },
      { method: "PUT", path: "sys/policies/acl/openclaw-reader", body: { policy: identities.reader.policy } },
      {
        method: "POST",
        path: "sys/audit/file",
        body: { type: "socket", options: { address: "127.0.0.1:1" } },
      },
      { method: "POST", path: "sys/audit/other", body: { type: "file", options: { file_path: "discard" } } },
      { method: "DELETE", path: "sys/audit/file" },
      { method: "POST", path: "sys/mounts/secret/tune", body: { audit_non_hmac_response_keys: ["data"] } },
      { method: "POST", path: "sys/mounts/secret/tune", body: { listing_visibility: "unauth" } },
      { method: "POST", path: "sys/mounts/secret", body: { type: "kv" } },
      { method: "POST", path: "sys/auth/approle/tune", body: { token_type: "service" } },
      { method: "POST", path: "sys/remount", body: { from: "secret", to: "x" } },
      { method: "POST", path: "sys/config/auditing/request-headers/x-vault-token", body: { hmac: false } },
      { method: "POST", path: "sys/config/cors", body: { allowed_origins: "*" } },
      { method: "POST", path: "secret/config", body: { max_versions: 1 } },
      { path: "secret/data/other" },
    ];
    const shown = attacks.map(
      ({ method = "GET", path, body }) => [`${method} ${path} ${JSON.stringify(body)}`] as const,
    );

    test.each(shown.map(([name], index) => [name, attacks[index] as VaultRequest] as const))(
      "%s",
      async (_, attack) => {
        const deployer = vault.client.withToken(await tokenOf("deployer"));
        await expect(deployer.call(attack, anything)).rejects.toMatchObject({ status: 403 });
      },
    );

    test("not while the audit device is off either, which anybody with root may have done", async () => {
      const token = await tokenOf("deployer");
      await asRoot({ method: "DELETE", path: "sys/audit/file" });
      for (const type of ["socket", "file"]) {
        const body = {
          type,
          options: { address: "127.0.0.1:1", file_path: "/tmp/audit.log", log_raw: "true" },
        };
        const request = { method: "POST", path: "sys/audit/file", body } as const;
        await expect(vault.client.withToken(token).call(request, anything)).rejects.toMatchObject({
          status: 403,
        });
      }
      await writeOwnVault(vault.root);
    });

    test("the auditor's role id alone logs nobody in, and all is as it was written", async () => {
      const { roleId } = readCredential(home, "auditor") as Credential;
      expect(await logInWith(vault.client, { roleId, secretId: "" })).toBeInstanceOf(VaultFailure);
      const auditor = vault.client.withToken(await tokenOf("auditor"));
      expect(await whatChanged(auditor, identities, { all: true, isOwn: true })).toEqual([]);
    });
  });

  // Last: it takes the identities away.
  test("the deployer of an external Vault may do what is listed, and no more", async () => {
    await write(externalVaultIdentities(guideNames));
    await expectExactly("deployer of an external Vault", await tokenOf("deployer"));
  });
});
