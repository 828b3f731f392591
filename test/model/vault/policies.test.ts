import { readFileSync } from "node:fs";
import { join } from "node:path";
import { identities, identityNames, roleParameters } from "../../../lib/model/vault/identities";
import {
  accessPolicy,
  auditorPolicy,
  deployerPolicy,
  externalVaultDeployerPolicy,
  readerPolicy,
} from "../../../lib/model/vault/policies";
import { guideNames } from "../../../lib/model/vault/vault-names";
import { parsePolicy } from "../../../lib/vault/access/policy-text";

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
  expect(readerPolicy("secret/openrouter")).toMatchInlineSnapshot(`
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
      "secret/metadata/openrouter/+",
    ]);
    expect(all["secret/metadata/openrouter/+"]?.capabilities).toEqual(["read"]);
    expect(all["secret/metadata/"]?.capabilities).toEqual(["list"]);
  });
});

test("the page has what the owner of an external Vault permits the auditor besides", () => {
  const page = readFileSync(join(__dirname, "../../../docs/external-vault.md"), "utf8");
  const [, text = ""] = /## Who has access[\s\S]*?```hcl\n([^`]+)```/.exec(page) ?? [];
  expect(parsePolicy(text)).toEqual(parsePolicy(accessPolicy));
});

/** What bootstrap, or an admin, writes: whoever could write one of these could raise itself, or blind the audit log. */
const guarded =
  /^(sys\/(audit|auth|config|mounts|policies|policy|remount)|auth\/approle|auth\/token\/create)(\/|$)/;

describe("the deployer in an external Vault", () => {
  const all = rules(externalVaultDeployerPolicy(guideNames));

  test("reaches our own policies, roles and secret, and nothing else of it", () => {
    expect(Object.keys(all).sort()).toEqual([
      "auth/approle/role/openclaw-auditor",
      "auth/approle/role/openclaw-auditor/role-id",
      "auth/approle/role/openclaw-deployer",
      "auth/approle/role/openclaw-deployer/role-id",
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

  test.each(identityNames)("removes policy and role of the %s, and cannot change them", (name) => {
    for (const path of [`sys/policies/acl/openclaw-${name}`, `auth/approle/role/openclaw-${name}`])
      expect(all[path]?.capabilities).toEqual(["read", "delete"]);
  });

  test("does not delete the secret", () => {
    expect(all["secret/data/openrouter"]?.capabilities).toEqual(["create", "read", "update", "patch"]);
  });
});

describe("the deployer", () => {
  const all = rules(deployerPolicy());

  test("only reads what could raise it, or blind the audit log", () => {
    const paths = Object.keys(all).filter((path) => guarded.test(path));
    expect(paths.length).toBeGreaterThan(0);
    for (const path of paths)
      expect([path, all[path]?.capabilities]).toEqual([
        path,
        path === "sys/audit" ? ["read", "sudo"] : ["read"],
      ]);
  });

  test("reaches each path by its whole name, takes no secret id, and deletes nothing", () => {
    const paths = Object.keys(all);
    // Ours alone, where a backup's own pieces lie; nobody but root reads them.
    const { "openclaw/backup/*": forBackups, ...others } = all;
    expect(forBackups?.capabilities).not.toContain("read");
    expect(paths.filter((path) => path.includes("*") || path.includes("+"))).toEqual(["openclaw/backup/*"]);
    expect(paths.filter((path) => path.includes("secret-id"))).toEqual([]);
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
