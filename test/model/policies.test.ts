import { identities, identityNames, roleParameters } from "../../lib/model/identities";
import {
  auditorPolicy,
  deployerPolicy,
  existingVaultDeployerPolicy,
  readerPolicy,
} from "../../lib/model/policies";

/** The rules of a policy, by path. */
function rules(policy: string): Record<string, { capabilities: string[]; text: string }> {
  const found = [...policy.matchAll(/^path "(.+)" \{\n([\s\S]*?)^\}$/gm)];
  return Object.fromEntries(
    found.map(([, path, text]) => [
      path,
      { text: text!, capabilities: JSON.parse(/capabilities = (\[.*\])/.exec(text!)![1]!) },
    ]),
  );
}

test("the reader reads the one secret, and nothing else", () => {
  expect(readerPolicy).toMatchInlineSnapshot(`
    "path "secret/data/openrouter" {
      capabilities = ["read"]
    }
    "
  `);
});

describe("the auditor", () => {
  const all = rules(auditorPolicy);

  test("changes nothing", () => {
    for (const [path, { capabilities }] of Object.entries(all)) {
      // Vault looks an accessor up by a POST, which it counts as an update.
      const allowed = path === "auth/token/lookup-accessor" ? ["update"] : ["read", "list", "sudo"];
      expect(allowed).toEqual(expect.arrayContaining(capabilities));
    }
  });

  test("reads no secret but ours", () => {
    expect(Object.keys(all).filter((path) => path.startsWith("secret/"))).toEqual([
      "secret/data/openrouter",
      "secret/metadata/openrouter",
      "secret/metadata/",
      "secret/config",
    ]);
    expect(all["secret/metadata/"]?.capabilities).toEqual(["list"]);
  });
});

describe("the deployer in a Vault that was there before", () => {
  const all = rules(existingVaultDeployerPolicy());

  test("reaches our own policies, roles and secret, and nothing else of it", () => {
    expect(Object.keys(all).sort()).toEqual([
      "auth/approle/role/openclaw-auditor",
      "auth/approle/role/openclaw-auditor/role-id",
      "auth/approle/role/openclaw-deployer",
      "auth/approle/role/openclaw-reader",
      "auth/approle/role/openclaw-reader/role-id",
      "auth/token/lookup-self",
      "secret/data/openrouter",
      "secret/metadata/openrouter",
      "sys/policies/acl/openclaw-auditor",
      "sys/policies/acl/openclaw-deployer",
      "sys/policies/acl/openclaw-reader",
    ]);
  });

  test("removes itself, and cannot change itself", () => {
    for (const path of ["sys/policies/acl/openclaw-deployer", "auth/approle/role/openclaw-deployer"])
      expect(all[path]?.capabilities).toEqual(["delete"]);
  });

  test.each([
    ["reader", readerPolicy],
    ["auditor", auditorPolicy],
  ])("writes the %s's policy with its exact text only", (name, policy) => {
    const { text } = all[`sys/policies/acl/openclaw-${name}`]!;
    expect(text).toContain(`allowed_parameters = { "policy" = ${JSON.stringify([policy])} }`);
  });

  test("does not delete the secret", () => {
    expect(all["secret/data/openrouter"]?.capabilities).toEqual(["create", "read", "update", "patch"]);
  });
});

describe("the deployer", () => {
  const all = rules(deployerPolicy());

  test.each([
    ["reader", readerPolicy],
    ["auditor", auditorPolicy],
  ])("writes the %s's policy with its exact text only", (name, policy) => {
    const { text } = all[`sys/policies/acl/openclaw-${name}`]!;
    expect(text).toContain(`allowed_parameters = { "policy" = ${JSON.stringify([policy])} }`);
  });

  test.each(["reader", "auditor"])(
    "gives the %s's role that policy only, by neither name of the field",
    (name) => {
      const { text } = all[`auth/approle/role/openclaw-${name}`]!;
      expect(text).toContain(`"token_policies" = [["openclaw-${name}"]]`);
      expect(text).toContain('denied_parameters = { "policies" = [] }');
    },
  );

  test("cannot raise itself, take secret ids, make tokens, or delete anything", () => {
    const paths = Object.keys(all);
    // Ours alone, where a backup's own pieces lie; nobody but root reads them.
    expect(paths.filter((path) => path.includes("*") || path.includes("+"))).toEqual(["openclaw/backup/*"]);
    expect(all["openclaw/backup/*"]?.capabilities).not.toContain("read");
    expect(paths.filter((path) => path.includes("openclaw-deployer"))).toEqual([]);
    expect(
      paths.filter((path) => path.includes("secret-id") || path.startsWith("auth/token/create")),
    ).toEqual([]);
    expect(paths).not.toContain("sys/auth/approle");
    const { "openclaw/backup/*": _, ...others } = all;
    for (const { capabilities } of Object.values(others)) expect(capabilities).not.toContain("delete");
  });

  test("touches no secret but ours", () => {
    expect(Object.keys(all).filter((path) => path.startsWith("secret/"))).toEqual([
      "secret/data/openrouter",
      "secret/metadata/openrouter",
    ]);
  });
});

describe.each(identityNames)("the %s's role", (name) => {
  const role = roleParameters(identities[name]);

  test("has the policy of its own name alone", () => {
    expect(identities[name].role).toBe(`openclaw-${name}`);
    expect(role).toMatchObject({ token_policies: [`openclaw-${name}`], token_no_default_policy: true });
  });

  test("gives short batch tokens by secret ids that do not expire", () => {
    expect(role).toMatchObject({
      token_type: "batch",
      secret_id_ttl: 0,
      secret_id_num_uses: 0,
      bind_secret_id: true,
    });
    expect(role.token_ttl).toBeLessThanOrEqual(30 * 60);
  });
});
