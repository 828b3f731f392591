import type { Gain } from "../../../lib/model/vault/access";
import { identities } from "../../../lib/model/vault/identities";
import {
  acceptedAccess,
  describeAccess,
  isOperatorToken,
  newAccess,
  takenAwayBy,
} from "../../../lib/vault/access/new-access";
import type { Access, Way } from "../../../lib/vault/access/who-has-access";

const way = (gain: Gain, policies = ["x"], through = "policy x, rule y"): Way => ({
  gain,
  permits: { read: "read the key", guard: "change policies", write: "replace the key" }[gain],
  through,
  policies,
});
const bob = (...gains: Gain[]): Access => ({
  id: "auth/people/users/bob",
  name: "user bob of auth/people/",
  ways: gains.map((gain) => way(gain)),
});

function fresh(access: readonly Access[], accepted: readonly Access[] = [], isOwn = true): string[] {
  return newAccess(
    { access },
    { isOwn, declared: identities, hosts: [], accepted: acceptedAccess(accepted) },
  ).map(({ id, ways }) => `${ways.map(({ gain }) => gain).join("+")} ${id}`);
}

test.each<[string, string[], string[]]>([
  ["somebody new", fresh([bob("read")]), ["read auth/people/users/bob"]],
  ["somebody accepted", fresh([bob("read")], [bob("read")]), []],
  [
    "somebody accepted who gains more",
    fresh([bob("read", "write")], [bob("read")]),
    ["write auth/people/users/bob"],
  ],
  ["somebody accepted as one who can do everything", fresh([bob("read", "write")], [bob("guard")]), []],
  [
    "somebody new beside",
    fresh([bob("read")], [{ ...bob("read"), id: "other" }]),
    ["read auth/people/users/bob"],
  ],
  ["an admin of an external Vault", fresh([bob("read", "guard")], [], false), []],
  ["a reader of an external Vault", fresh([bob("read")], [], false), ["read auth/people/users/bob"]],
])("%s", (_name, found, expected) => {
  expect(found).toEqual(expected);
});

test("an identity of the instance, or a host of it, is no admin of an external Vault", () => {
  const host = { name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" };
  const found = (role: string) =>
    newAccess(
      { access: [{ ...bob("read", "guard"), id: `auth/approle/role/${role}` }] },
      { isOwn: false, declared: identities, hosts: [host], accepted: undefined },
    ).flatMap(({ ways }) => ways.map(({ gain }) => gain));
  expect(found(identities.reader.role)).toEqual(["read", "guard"]);
  expect(found(host.role)).toEqual(["read", "guard"]);
  expect(found("admins")).toEqual([]);
});

test("a host is expected to read its own key, and nothing else", () => {
  const host = { name: "web1", role: "openclaw-host-web1", keyPath: "secret/openrouter/web1" };
  const reading = (what: string): Way => ({ ...way("read", [host.role]), permits: `read ${what}` });
  const found = (id: string, ...ways: Way[]) =>
    newAccess(
      { access: [{ id, name: "role", ways }] },
      { isOwn: true, declared: identities, hosts: [host], accepted: undefined },
    ).flatMap((each) => each.ways.map(({ permits }) => permits));
  const [own, other, key] = ["the key of the host web1", "the key of the host web2", "the key"];
  const id = `auth/approle/role/${host.role}`;
  expect(found(id, reading(own))).toEqual([]);
  expect(found(id, reading(own), reading(other), reading(key))).toEqual([`read ${other}`, `read ${key}`]);
  expect(found("auth/approle/role/other", reading(own))).toEqual([`read ${own}`]);
});

test("An identity of the instance has what its own policy permits, and no more", () => {
  const id = "auth/approle/role/openclaw-reader";
  const ways = [
    way("read", ["openclaw-reader"]),
    way("write", ["openclaw-reader", "x"]),
    way("guard", ["x"]),
  ];
  expect(fresh([{ id, name: "role", ways }])).toEqual([`write+guard ${id}`]);
  expect(fresh([{ id: "auth/approle/role/other", name: "role", ways: ways.slice(0, 1) }])).toEqual([
    "read auth/approle/role/other",
  ]);
});

test.each<[string, object, boolean]>([
  ["of vault login", {}, true],
  ["without an end", { explicit_max_ttl: 0 }, false],
  ["with a period", { period: 60 }, false],
  ["with another policy", { policies: ["default", "openclaw-operator"] }, false],
  ["with a policy of an entity", { identity_policies: ["x"] }, false],
])("A token %s", (_name, more, expected) => {
  const token = { accessor: "a", policies: ["openclaw-operator"], explicit_max_ttl: 3600, ...more };
  expect(isOperatorToken(token)).toBe(expected);
});

test("What is told of somebody", () => {
  expect(describeAccess(bob("read", "write"))).toBe("read the key, replace the key (policy x, rule y)");
  expect(takenAwayBy(bob("read"), false)).toBe("vault delete auth/people/users/bob");
  const named = (name: string): Access => ({ ...bob("read"), id: `auth/ldap/groups/${name}` });
  expect(takenAwayBy(named("it's; reboot"), false)).toBe("vault delete 'auth/ldap/groups/it'\\''s; reboot'");
  expect(takenAwayBy({ ...bob("read"), id: "token:acc" }, false)).toBe("vault token revoke -accessor acc");
  const byEntity = (entity: string): Access => ({
    ...bob("read"),
    ways: [{ ...way("read", ["x"], `entity ${entity}, policy x, rule y`), entity }],
  });
  expect(takenAwayBy(byEntity("eve"), true)).toContain("vault write identity/entity/name/eve policies=");
  // Not the entity `admin`.
  expect(takenAwayBy(byEntity("admin, x"), false)).toContain("'identity/entity/name/admin, x' policies=");
});
