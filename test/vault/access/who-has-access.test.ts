import type { VaultAnswers } from "../../../lib/vault/access/answers";
import { type Access, whoHasAccess } from "../../../lib/vault/access/who-has-access";

/** A Vault with the reader's role and policy, and what a test adds. */
function vault(more: Partial<Omit<VaultAnswers, "policies">> & { policies?: Record<string, string> } = {}) {
  const policies = {
    "openclaw-reader": 'path "secret/data/openrouter" { capabilities = ["read"] }',
    default: 'path "auth/token/lookup-self" { capabilities = ["read"] }',
    ...more.policies,
  };
  return {
    methods: [
      { path: "token/", type: "token", accessor: "auth_token_1" },
      { path: "approle/", type: "approle", accessor: "auth_approle_1" },
      { path: "people/", type: "userpass", accessor: "auth_userpass_1" },
      { path: "corp/", type: "ldap", accessor: "auth_ldap_1" },
      { path: "ci/", type: "jwt", accessor: "auth_jwt_1" },
      { path: "hosts/", type: "cert", accessor: "auth_cert_1" },
      { path: "new/", type: "something", accessor: "auth_something_1" },
    ],
    tokens: [],
    entities: [],
    groups: [],
    unread: [],
    ...more,
    logins: [login("approle/", "role/reader", "openclaw-reader"), ...(more.logins ?? [])],
    policyNames: [...Object.keys(policies), "root"],
    policies: new Map(Object.entries(policies)),
  };
}

function login(method: string, path: string, policies: string, data: Record<string, unknown> = {}) {
  const name = path.split("/").slice(1).join("/");
  return { method, path, name, data: { token_policies: policies.split(","), ...data } };
}

const token = (policies: string[], more = {}) => ({ accessor: "acc1", policies, ...more });

/** Every principal but the reader, with what it gains: `read auth/approle/role/ci`. */
function found(answers: VaultAnswers, isOwn = true): string[] {
  return whoHasAccess(answers, { isOwn, keyPath: "secret/openrouter", hosts: [] })
    .access.filter(({ id }) => id !== "auth/approle/role/reader")
    .map(({ id, ways }) => `${[...new Set(ways.map(({ gain }) => gain))].join("+")} ${id}`);
}

const rule = (path: string, ...capabilities: string[]) =>
  `path "${path}" { capabilities = ${JSON.stringify(capabilities)} }`;

/** A role `ci` with a policy of these rules. */
const role = (...rules: string[]) =>
  vault({ policies: { ci: rules.join("\n") }, logins: [login("approle/", "role/ci", "ci")] });

const ci = "auth/approle/role/ci";

test("The reader alone reads the key of an untouched Vault", () => {
  expect(found(vault())).toEqual([]);
  const { access } = whoHasAccess(vault(), { isOwn: true, keyPath: "secret/openrouter", hosts: [] });
  expect(access.map(({ id, ways }) => [id, ways.map(({ permits }) => permits)])).toEqual([
    ["auth/approle/role/reader", ["read the key"]],
  ]);
});

describe("rules of a policy", () => {
  test.each<[string, string[], string[]]>([
    ["the key itself", [rule("secret/data/openrouter", "read")], [`read ${ci}`]],
    ["a glob", [rule("secret/*", "read")], [`read ${ci}`]],
    ["everything", [rule("*", "read")], [`read+guard ${ci}`]],
    ["a segment", [rule("secret/+/openrouter", "read")], [`read ${ci}`]],
    ["segments and a glob", [rule("+/data/open*", "read")], [`read ${ci}`]],
    ["a list only", [rule("secret/data/openrouter", "list")], []],
    ["the metadata", [rule("secret/metadata/openrouter", "read", "list")], []],
    ["another secret", [rule("secret/data/openrouter2", "read"), rule("secret/data/open", "read")], []],
    ["below the key", [rule("secret/data/openrouter/*", "read")], []],
    ["denied by a better rule", [rule("secret/*", "read"), rule("secret/data/openrouter", "deny")], []],
    [
      "denied by a worse rule",
      [rule("secret/data/openrouter", "read"), rule("secret/*", "deny")],
      [`read ${ci}`],
    ],
    ["denied by the same rule twice", [rule("secret/*", "read"), rule("secret/*", "deny")], []],
    [
      "a glob better than a segment",
      [rule("secret/data/o*", "deny"), rule("secret/+/openrouter", "read")],
      [],
    ],
    ["a longer glob", [rule("secret/data/*", "deny"), rule("secret/data/openr*", "read")], [`read ${ci}`]],
    ["the old form", ['path "secret/*" { policy = "read" }'], [`read ${ci}`]],
    ["the old form of a write", ['path "secret/*" { policy = "write" }'], [`read+write ${ci}`]],
    ["a new key", [rule("secret/data/openrouter", "update")], [`write ${ci}`]],
    ["a patch", [rule("secret/data/openrouter", "patch")], [`write ${ci}`]],
    ["its deletion", [rule("secret/metadata/*", "delete")], [`write ${ci}`]],
    ["an expiry of versions", [rule("secret/config", "update")], [`write ${ci}`]],
    ["an undelete", [rule("secret/undelete/openrouter", "update")], [`write ${ci}`]],
    ["policies", [rule("sys/policies/acl/*", "update")], [`guard ${ci}`]],
    ["policies by the old path", [rule("sys/policy/ci", "update")], [`guard ${ci}`]],
    ["a policy that nobody has", [rule("sys/policies/acl/others", "update")], []],
    ["policies, to read", [rule("sys/policies/acl/*", "read", "list")], []],
    ["roles", [rule("auth/approle/role/team-*", "create")], [`guard ${ci}`]],
    ["policies of a role", [rule("auth/+/role/ci/policies", "update")], [`guard ${ci}`]],
    ["a user", [rule("auth/people/users/*", "update")], [`guard ${ci}`]],
    ["groups of LDAP", [rule("auth/corp/groups/x", "create")], [`guard ${ci}`]],
    ["the configuration of a JWT method", [rule("auth/ci/config", "update")], [`guard ${ci}`]],
    ["a login", [rule("auth/ci/login", "update"), rule("auth/approle/login", "update")], []],
    ["a certificate", [rule("auth/hosts/certs/web", "create")], [`guard ${ci}`]],
    ["anything of an unknown method", [rule("auth/new/grants/x", "update")], [`guard ${ci}`]],
    ["token roles", [rule("auth/token/roles/x", "update")], [`guard ${ci}`]],
    ["tokens of its own", [rule("auth/token/create", "update")], []],
    ["tokens with sudo", [rule("auth/token/create", "update", "sudo")], [`guard ${ci}`]],
    ["orphans without sudo", [rule("auth/token/create-orphan", "update")], []],
    ["orphans", [rule("auth/token/create-orphan", "update", "sudo")], [`guard ${ci}`]],
    ["an entity", [rule("identity/entity/id/*", "update")], [`guard ${ci}`]],
    ["an entity, to read", [rule("identity/entity/id/*", "read", "list", "delete")], []],
    ["a group's name", [rule("identity/group/name/+", "update")], [`guard ${ci}`]],
    ["an alias", [rule("identity/entity-alias", "update")], [`guard ${ci}`]],
    ["a merge", [rule("identity/entity/merge", "update")], [`guard ${ci}`]],
    ["a move of mounts", [rule("sys/remount", "update", "sudo")], [`guard ${ci}`]],
    ["the mount", [rule("sys/mounts/secret", "delete")], [`guard ${ci}`]],
    ["the mount's tuning", [rule("sys/mounts/secret/tune", "update")], [`guard ${ci}`]],
    ["another mount", [rule("sys/mounts/pki", "create", "update")], []],
    ["an auth method without sudo", [rule("sys/auth/*", "update")], []],
    ["an auth method", [rule("sys/auth/*", "update", "sudo")], [`guard ${ci}`]],
    ["audit devices by a segment", [rule("sys/+/file", "delete", "sudo")], [`guard ${ci}`]],
    ["audit devices, to read", [rule("sys/audit", "read", "sudo")], []],
    ["headers in the audit log", [rule("sys/config/*", "update", "sudo")], [`guard ${ci}`]],
    ["raw storage", [rule("sys/raw/*", "read", "sudo")], [`read ${ci}`]],
    ["raw storage without sudo", [rule("sys/raw/*", "read")], []],
    ["plugins", [rule("sys/plugins/catalog/secret/x", "update", "sudo")], [`guard ${ci}`]],
    ["a snapshot", [rule("sys/storage/raft/snapshot", "read")], []],
    ["a seal", [rule("sys/seal", "update", "sudo")], [`write ${ci}`]],
    ["a seal without sudo", [rule("sys/seal", "update")], []],
    ["a limit of calls", [rule("sys/quotas/+/key", "update")], [`write ${ci}`]],
    ["the headers of web pages", [rule("sys/config/ui/headers/*", "update", "sudo")], [`guard ${ci}`]],
    ["what a login by OIDC consists of", [rule("auth/ci/oidc/auth_url", "update")], []],
    ["a restore", [rule("sys/storage/raft/snapshot-force", "update")], [`guard ${ci}`]],
    ["a root token", [rule("sys/generate-root/*", "update")], [`guard ${ci}`]],
    ["the backup's mount", [rule("openclaw/*", "read")], [`guard ${ci}`]],
    [
      "what everybody may",
      [rule("cubbyhole/*", "read", "update"), rule("sys/wrapping/unwrap", "update")],
      [],
    ],
    ["a role's secret ids", [rule("auth/approle/role/reader/secret-id", "update")], [`read ${ci}`]],
    ["every role's secret ids", [rule("auth/approle/role/+/secret-id", "update")], [`read ${ci}`]],
    [
      "a secret id of one's choice",
      [rule("auth/approle/role/reader/custom-secret-id", "create")],
      [`read ${ci}`],
    ],
    ["a list of secret ids", [rule("auth/approle/role/reader/secret-id", "list")], []],
  ])("%s", (_name, rules, expected) => {
    expect(found(role(...rules))).toEqual(expected);
  });

  test("A policy in JSON", () => {
    const text = JSON.stringify({ path: { "secret/*": { capabilities: ["read"] } } });
    expect(found(role(text))).toEqual([`read ${ci}`]);
  });

  test("A policy with comments, a heredoc and other attributes", () => {
    const text = `
      # path "secret/*" { capabilities = ["read"] }
      // path "secret/*" { capabilities = ["read"] }
      /* path "secret/*" { capabilities = ["read"] } */
      name = "ci"
      path "secret/data/open\\u0072outer" {
        capabilities = [
          "read", # as the reader
        ]
        min_wrapping_ttl   = "1s"
        allowed_parameters = { "version" = [1, 2], "*" = [] }
        comment = <<EOT
} path "x" {
EOT
      }`;
    expect(found(role(text))).toEqual([`read ${ci}`]);
  });

  test("A text that is no policy is unread", () => {
    const { access, unread } = whoHasAccess(role('path "x" {'), {
      isOwn: true,
      keyPath: "secret/openrouter",
      hosts: [],
    });
    expect(access).toHaveLength(1);
    expect(unread).toEqual([{ what: "policy ci", because: expect.any(String) }]);
  });

  test("An external Vault has no mount of a backup", () => {
    expect(found(role(rule("openclaw/*", "read")), false)).toEqual([]);
    // Whether it is open is its owner's concern.
    expect(found(role(rule("sys/seal", "update", "sudo")), false)).toEqual([]);
  });
});

describe("principals", () => {
  const reads = { reads: rule("secret/*", "read") };
  test.each<[string, VaultAnswers, string[]]>([
    [
      "a second role with the reader's policy",
      vault({ logins: [login("approle/", "role/second", "openclaw-reader")] }),
      ["read auth/approle/role/second"],
    ],
    [
      "a periodic orphan token",
      vault({
        tokens: [token(["openclaw-reader"], { orphan: true, period: 3600, path: "auth/token/create" })],
      }),
      ["read token:acc1"],
    ],
    ["a token with nothing", vault({ tokens: [token(["default"]), token(["ghost"])] }), []],
    ["a root token, which is inspected apart", vault({ tokens: [token(["root"])] }), []],
    [
      "a token by its entity's policies",
      vault({ tokens: [token(["default"], { identity_policies: ["openclaw-reader"] })] }),
      ["read token:acc1"],
    ],
    [
      "a token of a role is the role's",
      vault({
        logins: [login("approle/", "role/second", "openclaw-reader")],
        tokens: [token(["openclaw-reader"], { path: "auth/approle/login", meta: { role_name: "second" } })],
      }),
      ["read auth/approle/role/second"],
    ],
    [
      "a token of a role that is gone",
      vault({
        tokens: [token(["openclaw-reader"], { path: "auth/approle/login", meta: { role_name: "second" } })],
      }),
      ["read auth/approle/role/second"],
    ],
    [
      "a wrapped answer with the key",
      vault({ tokens: [token(["response-wrapping"], { path: "secret/data/openrouter" })] }),
      ["read token:acc1"],
    ],
    [
      "another wrapped answer",
      vault({ tokens: [token(["response-wrapping"], { path: "sys/wrapping/wrap" })] }),
      [],
    ],
    [
      "a user with everything",
      vault({
        policies: { all: rule("*", "create", "read", "update", "delete", "list", "sudo") },
        logins: [login("people/", "users/bob", "all")],
      }),
      ["read+guard+write auth/people/users/bob"],
    ],
    [
      "the default policy, edited",
      vault({
        policies: { default: reads.reads },
        logins: [
          login("people/", "users/bob", ""),
          login("people/", "users/eve", "", { token_no_default_policy: true }),
        ],
      }),
      ["read auth/people/users/bob"],
    ],
    [
      "a user's old field",
      vault({ logins: [{ ...login("people/", "users/bob", ""), data: { policies: "x, OpenClaw-Reader" } }] }),
      ["read auth/people/users/bob"],
    ],
    [
      "a user's password",
      vault({
        policies: { ...reads, support: rule("auth/people/users/+/password", "update") },
        logins: [login("people/", "users/bob", "reads"), login("people/", "users/help", "support")],
      }),
      ["read auth/people/users/bob", "read auth/people/users/help"],
    ],
    [
      "a chain of others",
      vault({
        policies: {
          a: rule("auth/approle/role/b/secret-id", "update"),
          b: rule("auth/approle/role/reader/secret-id", "update"),
        },
        logins: [login("approle/", "role/a", "a"), login("approle/", "role/b", "b")],
      }),
      ["read auth/approle/role/a", "read auth/approle/role/b"],
    ],
    [
      "a group of LDAP",
      vault({
        policies: reads,
        logins: [login("corp/", "groups/ops", "reads"), login("corp/", "users/x", "")],
      }),
      ["read auth/corp/groups/ops"],
    ],
    [
      "everyone of LDAP",
      vault({ policies: reads, logins: [login("corp/", "config", "reads"), login("corp/", "users/x", "")] }),
      ["read auth/corp/config", "read auth/corp/users/x"],
    ],
    [
      "a role of JWT",
      vault({ policies: reads, logins: [login("ci/", "role/build", "reads")] }),
      ["read auth/ci/role/build"],
    ],
    [
      "a certificate",
      vault({ policies: reads, logins: [login("hosts/", "certs/web", "reads")] }),
      ["read auth/hosts/certs/web"],
    ],
    [
      "a team of GitHub",
      vault({
        policies: reads,
        logins: [
          { method: "corp/", path: "map/teams/dev", name: "dev", data: { key: "dev", value: "reads" } },
        ],
      }),
      ["read auth/corp/map/teams/dev"],
    ],
    [
      "a token role",
      vault({
        logins: [{ ...login("token/", "roles/x", ""), data: { allowed_policies: ["openclaw-reader"] } }],
      }),
      ["read auth/token/roles/x"],
    ],
    [
      "a token role with a glob",
      vault({
        logins: [
          {
            ...login("token/", "roles/x", ""),
            data: { allowed_policies_glob: ["openclaw-*"], disallowed_policies: ["root"] },
          },
        ],
      }),
      ["read auth/token/roles/x"],
    ],
    [
      "a token role with a glob in the middle",
      vault({
        logins: [{ ...login("token/", "roles/x", ""), data: { allowed_policies_glob: ["open*-re*er"] } }],
      }),
      ["read auth/token/roles/x"],
    ],
    [
      "a token role with a glob that ends otherwise",
      vault({
        logins: [
          { ...login("token/", "roles/x", ""), data: { allowed_policies_glob: ["open*-readers", "a*r"] } },
        ],
      }),
      [],
    ],
    [
      "whoever writes a policy that does not exist yet, and whom it will serve",
      vault({
        policies: { scribe: rule("sys/policies/acl/ghost", "create") },
        logins: [login("people/", "users/bob", "ghost"), login("people/", "users/eve", "scribe")],
      }),
      ["guard auth/people/users/eve"],
    ],
    [
      "a token role that disallows other policies",
      vault({ logins: [{ ...login("token/", "roles/x", ""), data: { disallowed_policies: ["default"] } }] }),
      ["read auth/token/roles/x"],
    ],
    [
      "a token role that disallows this one",
      vault({
        logins: [{ ...login("token/", "roles/x", ""), data: { disallowed_policies_glob: ["openclaw*"] } }],
      }),
      [],
    ],
    [
      "a token role that permits what its user has",
      vault({ logins: [{ ...login("token/", "roles/x", ""), data: { allowed_policies: [] } }] }),
      [],
    ],
    [
      "whoever makes tokens by a token role",
      vault({
        policies: { maker: rule("auth/token/create/x", "update") },
        logins: [
          { ...login("token/", "roles/x", ""), data: { allowed_policies: ["openclaw-reader"] } },
          login("people/", "users/bob", "maker"),
        ],
      }),
      ["read auth/token/roles/x", "read auth/people/users/bob"],
    ],
  ])("%s", (_name, answers, expected) => {
    expect(found(answers)).toEqual(expected);
  });
});

describe("entities and groups", () => {
  const alias = (name: string, mount_accessor: string, metadata = {}) => ({ name, mount_accessor, metadata });
  const ofRole = (role_name: string) => alias("an id", "auth_approle_1", { role_name });

  test("A policy of the reader's entity is the reader's", () => {
    const answers = vault({
      policies: { ops: rule("sys/policies/acl/*", "update") },
      entities: [{ id: "e1", name: "entity_1", policies: ["ops"], aliases: [ofRole("reader")] }],
    });
    const { access } = whoHasAccess(answers, { isOwn: true, keyPath: "secret/openrouter", hosts: [] });
    expect(
      access.map(({ id, ways }) => [id, ways.map(({ permits, through }) => [permits, through])]),
    ).toEqual([
      [
        "auth/approle/role/reader",
        [
          ["read the key", "policy openclaw-reader, rule secret/data/openrouter"],
          ["change policies", "entity entity_1, policy ops, rule sys/policies/acl/*"],
        ],
      ],
    ]);
    expect(access[0]?.ways.map(({ entity }) => entity)).toEqual([undefined, "entity_1"]);
  });

  test("The policy root, which an older Vault gave to an entity (CVE-2025-5999)", () => {
    const entities = [{ id: "e1", name: "entity_1", policies: [" Root"], aliases: [ofRole("reader")] }];
    const { access } = whoHasAccess(vault({ entities }), {
      isOwn: true,
      keyPath: "secret/openrouter",
      hosts: [],
    });
    expect(access.flatMap(({ ways }) => ways.map(({ gain }) => gain))).toContain("guard");
  });

  test("A policy of a parent's group", () => {
    const answers = vault({
      entities: [{ id: "e1", name: "bob", group_ids: ["g1"], aliases: [alias("bob", "auth_userpass_1")] }],
      groups: [
        { id: "g1", name: "devs", parent_group_ids: ["g2"], type: "internal" },
        { id: "g2", name: "ops", policies: ["openclaw-reader"], parent_group_ids: ["g1"], type: "internal" },
      ],
      logins: [login("people/", "users/bob", "")],
    });
    expect(found(answers)).toEqual(["read auth/people/users/bob"]);
    expect(throughOf(answers, "auth/people/users/bob")).toBe(
      "entity bob, group ops, policy openclaw-reader, rule secret/data/openrouter",
    );
  });

  test("An entity whose login is not known stands for itself; a disabled one and one without aliases gain nothing", () => {
    const entity = { id: "e1", name: "eve", policies: ["openclaw-reader"] };
    const jwt = [alias("eve@example.com", "auth_jwt_1")];
    expect(found(vault({ entities: [{ ...entity, aliases: jwt }] }))).toEqual([
      "read identity/entity/name/eve",
    ]);
    expect(found(vault({ entities: [{ ...entity, aliases: jwt, disabled: true }] }))).toEqual([]);
    expect(found(vault({ entities: [{ ...entity, aliases: [] }] }))).toEqual([]);
  });

  test("An external group stands for everyone in it", () => {
    const group = { id: "g1", name: "ops", policies: ["openclaw-reader"], type: "external" };
    expect(found(vault({ groups: [{ ...group, alias: { name: "cn=ops" } }] }))).toEqual([
      "read identity/group/name/ops",
    ]);
    expect(found(vault({ groups: [{ ...group, alias: null }] }))).toEqual([]);
    expect(found(vault({ groups: [{ ...group, type: "internal" }] }))).toEqual([]);
  });

  describe("templates", () => {
    const templated = (path: string, name: string) =>
      vault({
        policies: { own: rule(path, "read") },
        entities: [
          {
            id: "e1",
            name,
            metadata: { app: name },
            group_ids: ["g1"],
            aliases: [alias(name, "auth_userpass_1", { team: "x" })],
          },
        ],
        groups: [{ id: "g1", name: "openrouter", type: "internal" }],
        logins: [login("people/", `users/${name}`, "own")],
      });
    const ofUser = ["read auth/people/users/openrouter"];
    test.each<[string, string[]]>([
      ["secret/data/{{identity.entity.name}}", ofUser],
      ["secret/data/{{ identity.entity.metadata.app }}", ofUser],
      ["secret/data/{{identity.entity.aliases.auth_userpass_1.name}}", ofUser],
      ["secret/data/{{identity.groups.ids.g1.name}}", ofUser],
      ["secret/data/{{identity.groups.names.openrouter.name}}", ofUser],
      ["secret/data/{{identity.entity.id}}", []],
      ["secret/data/{{identity.entity.metadata.none}}", []],
      ["secret/data/{{identity.groups.names.none.name}}", []],
      ["secret/data/{{identity.entity.name}}/*", []],
      ["secret/data/x-{{identity.entity.name}}", []],
      ["secret/{{identity.entity.name}}/openrouter", []],
    ])("%s", (path, expected) => {
      expect(found(templated(path, "openrouter"))).toEqual(expected);
      expect(found(templated(path, "bob"))).toEqual(
        path.includes("groups.ids") || path.includes("names.openrouter")
          ? ["read auth/people/users/bob"]
          : [],
      );
    });

    test("A name that anybody can have", () => {
      const own = rule("secret/data/{{identity.entity.aliases.auth_jwt_1.name}}", "read");
      const answers = vault({ policies: { own }, logins: [login("ci/", "role/build", "own")] });
      expect(found(answers)).toEqual(["read auth/ci/role/build"]);
    });
  });
});

function throughOf(answers: VaultAnswers, id: string): string | undefined {
  const { access } = whoHasAccess(answers, { isOwn: true, keyPath: "secret/openrouter", hosts: [] });
  return (access as Access[]).find((each) => each.id === id)?.ways[0]?.through;
}
