import { readAnswers } from "../../../lib/vault/access/read-answers";
import { whoHasAccess } from "../../../lib/vault/access/who-has-access";
import { VaultClient } from "../../../lib/vault/client";
import { type Answer, type Stub, serveStub } from "../../support/vault/server";

/** A Vault of recorded answers; what is not among them is missing. */
const mount = (type: string) => ({ type, accessor: `auth_${type}_1`, description: "", config: {} });
const reads = { data: { policy: 'path "secret/*" { capabilities = ["read"] }' } };
const keys = (...names: string[]) => ({ data: { keys: names } });

async function read(answers: Record<string, object | Answer>, more = {}) {
  stub = await serveStub(({ name, body }): Answer => {
    const found = answers[name] ?? answers[`${name} ${body?.accessor}`];
    if (!found) return [404, { errors: [] }];
    return Array.isArray(found) ? (found as unknown as Answer) : [200, found];
  });
  const client = VaultClient.at({ address: stub.address }).withToken("auditor");
  const found = await readAnswers(client, { declared: { "openclaw-reader": "" }, ...more });
  return {
    ...found,
    access: whoHasAccess(found, { isOwn: true, keyPath: "secret/openrouter", hosts: [] }).access.map(
      ({ id }) => id,
    ),
  };
}
let stub: Stub;
afterEach(() => stub.close());

test("LDAP, JWT, certificates, GitHub and Kubernetes, which give policies by different fields", async () => {
  const { access, unread } = await read({
    "GET sys/auth": {
      data: {
        "corp/": mount("ldap"),
        "ci/": mount("jwt"),
        "hosts/": mount("cert"),
        "hub/": mount("github"),
        "k8s/": mount("kubernetes"),
        "aws/": mount("aws"),
      },
    },
    "LIST auth/corp/groups": keys("ops"),
    "GET auth/corp/groups/ops": { data: { policies: ["reads"] } },
    "LIST auth/corp/users": keys("ann", "bob"),
    "GET auth/corp/users/ann": { data: { policies: "reads", groups: "" } },
    "GET auth/corp/users/bob": { data: { policies: [], groups: "ops" } },
    "GET auth/corp/config": { data: { token_policies: [], token_no_default_policy: false } },
    "LIST auth/ci/role": keys("build"),
    "GET auth/ci/role/build": { data: { token_policies: ["reads"], role_type: "jwt" } },
    "LIST auth/hosts/certs": keys("web"),
    "GET auth/hosts/certs/web": { data: { token_policies: ["reads"], display_name: "web" } },
    "LIST auth/hub/map/teams": keys("dev"),
    "GET auth/hub/map/teams/dev": { data: { key: "dev", value: "reads" } },
    "LIST auth/k8s/role": keys("app"),
    "GET auth/k8s/role/app": { data: { token_policies: ["reads"], bound_service_account_names: ["x"] } },
    "LIST auth/aws/roles": keys("vm"),
    "GET auth/aws/role/vm": { data: { policies: ["reads"] } },
    "LIST sys/policies/acl": keys("reads", "root", "default"),
    "GET sys/policies/acl/reads": reads,
  });
  expect(access.sort()).toEqual([
    "auth/aws/role/vm",
    "auth/ci/role/build",
    "auth/corp/groups/ops",
    "auth/corp/users/ann",
    "auth/hosts/certs/web",
    "auth/hub/map/teams/dev",
    "auth/k8s/role/app",
  ]);
  expect(unread).toEqual([]);
});

test("Names that a URL would take for something else, and names that Vault does not list", async () => {
  const { access, unread } = await read({
    "GET sys/auth": { data: { "a?b/": mount("userpass"), "corp/": mount("ldap") } },
    "LIST auth/a%3Fb/users": keys("eve"),
    "GET auth/a%3Fb/users/eve": { data: { token_policies: ["reads?"] } },
    "LIST auth/corp/groups": keys("ops#1", "ops/"),
    "GET auth/corp/groups/ops%231": { data: { policies: ["reads?"] } },
    "LIST sys/policies/acl": keys("reads?", "root", "default"),
    "GET sys/policies/acl/reads%3F": reads,
  });
  expect(access.sort()).toEqual(["auth/a?b/users/eve", "auth/corp/groups/ops#1"]);
  expect(unread).toEqual([
    { what: "auth/corp/groups/ops/", because: "Vault lists no names with a / in them" },
  ]);
});

test("In a namespace: Vault's own token method, OIDC, SAML and a group of Azure", async () => {
  const { access, unread } = await read({
    "GET sys/auth": {
      data: { "token/": mount("ns_token"), "sso/": mount("oidc"), "saml/": mount("saml") },
    },
    "LIST auth/token/roles": keys("maker"),
    "GET auth/token/roles/maker": { data: { allowed_policies_glob: ["r*s"] } },
    "LIST auth/sso/role": keys("default"),
    "GET auth/sso/role/default": { data: { role_type: "oidc", user_claim: "sub", token_policies: [] } },
    "LIST auth/saml/role": keys("ops"),
    "GET auth/saml/role/ops": { data: { token_policies: ["reads"], bound_subjects: ["*"] } },
    "LIST identity/group/id": keys("g1"),
    "GET identity/group/id/g1": {
      data: { id: "g1", name: "azure-ops", type: "external", policies: ["reads"], alias: { name: "8f3c" } },
    },
    "LIST sys/policies/acl": keys("default", "reads"),
    "GET sys/policies/acl/reads": reads,
  });
  expect(access.sort()).toEqual([
    "auth/saml/role/ops",
    "auth/token/roles/maker",
    "identity/group/name/azure-ops",
  ]);
  expect(unread).toEqual([]);
});

test("The managed roles and policies are not asked for", async () => {
  const { access } = await read(
    {
      "GET sys/auth": { data: { "approle/": mount("approle"), "other/": mount("approle") } },
      "LIST auth/approle/role": keys("openclaw-reader"),
      "LIST auth/other/role": keys("openclaw-reader"),
      "GET auth/other/role/openclaw-reader": { data: { token_policies: ["openclaw-reader"] } },
    },
    { declared: { "openclaw-reader": reads.data.policy } },
  );
  expect(access).toEqual(["auth/approle/role/openclaw-reader", "auth/other/role/openclaw-reader"]);
  expect(stub.calls.map(({ name }) => name)).not.toContain("GET auth/approle/role/openclaw-reader");
  expect(stub.calls.map(({ name }) => name)).not.toContain("GET sys/policies/acl/openclaw-reader");
});

test("What is refused is unread, and the rest is judged", async () => {
  const { access, unread } = await read({
    "GET sys/auth": { data: { "people/": mount("userpass"), "new/": mount("something") } },
    "LIST auth/people/users": [403, { errors: ["permission denied"] }] as unknown as object,
    "LIST identity/entity/id": [500, { errors: ["internal"] }] as unknown as object,
    "LIST auth/token/accessors": keys("acc"),
    "POST auth/token/lookup-accessor acc": { data: { accessor: "acc", policies: ["reads"] } },
    "GET sys/policies/acl/reads": reads,
  });
  expect(access).toEqual(["token:acc"]);
  expect(unread).toEqual([
    { what: "entities", because: "Vault answered 500" },
    { what: "auth/new/", because: "an auth method something is not known" },
    { what: "auth/people/users", because: "not permitted" },
  ]);
});

test("A limit is reported, and what was read before it is judged", async () => {
  const users = Array.from({ length: 40 }, (_, index) => `u${index}`);
  const { logins, access, unread } = await read(
    {
      "GET sys/auth": { data: { "people/": mount("userpass") } },
      "LIST auth/people/users": keys(...users),
      "GET sys/policies/acl/default": reads,
      ...Object.fromEntries(
        users.map((name) => [`GET auth/people/users/${name}`, { data: { policies: [] } }]),
      ),
    },
    { objects: 20 },
  );
  expect(logins).toHaveLength(16);
  expect(access).toHaveLength(16);
  expect(unread).toContainEqual({ what: "auth/people/users", because: "more than 20 objects" });
});

test.each<[string, Record<string, object | Answer>]>([
  [
    "identity/entity/id",
    {
      "LIST identity/entity/id": keys("e1", "e2"),
      "GET identity/entity/id/e1": [403, { errors: ["permission denied"] }],
    },
  ],
  [
    "tokens",
    {
      "LIST auth/token/accessors": keys("a1", "a2"),
      "POST auth/token/lookup-accessor a1": [500, { errors: ["internal"] }],
    },
  ],
])("A call that fails after a limit was reached leaves no unhandled rejection: %s", async (what, answers) => {
  const { unread } = await read({ "GET sys/auth": { data: {} }, ...answers }, { objects: 1 });
  expect(unread).toEqual([{ what, because: "more than 1 objects" }]);
  // The answer of the first call comes later. Jest fails a test for a rejection that nothing handles.
  await new Promise((resolve) => setTimeout(resolve, 200));
});

test("Time is a limit too, for more than 200 objects", async () => {
  const users = Array.from({ length: 230 }, (_, index) => `u${index}`);
  const { logins, unread } = await read(
    {
      "GET sys/auth": { data: { "people/": mount("userpass") } },
      "LIST auth/people/users": keys(...users),
      ...Object.fromEntries(users.map((name) => [`GET auth/people/users/${name}`, { data: {} }])),
    },
    { time: -1 },
  );
  expect(logins.length).toBeGreaterThan(180);
  expect(logins.length).toBeLessThan(users.length);
  expect(unread).toContainEqual({
    what: "auth/people/users",
    because: expect.stringMatching(/^more than .* s$/),
  });
});

test("a role with the name of a policy that is no role's has the policies that Vault says", async () => {
  const { logins } = await read(
    {
      "GET sys/auth": { data: { "approle/": mount("approle") } },
      "LIST auth/approle/role": keys("openclaw-reader", "openclaw-operator"),
      "GET auth/approle/role/openclaw-operator": { data: { token_policies: ["admin"] } },
      "LIST sys/policies/acl": keys("openclaw-operator", "admin"),
    },
    { policies: { "openclaw-operator": "" } },
  );
  expect(logins.map(({ name, data }) => [name, data.token_policies])).toEqual([
    ["openclaw-reader", ["openclaw-reader"]],
    ["openclaw-operator", ["admin"]],
  ]);
});
