import type { Gain } from "../../model/vault/access";
import { secretApiPath } from "../../model/vault/vault-names";
import type { ActiveToken } from "../identities/tokens";
import type { AliasAnswer, AuthMethod, EntityAnswer, GroupAnswer, Login, VaultAnswers } from "./answers";
import type { Person } from "./templates";

/** Somebody who can have a token: a role, user, group or certificate of an auth method, an entity, or a token itself. */
export interface Principal {
  /** Stable: the API path, or `token:` and the accessor. */
  readonly id: string;
  /** For people. */
  readonly name: string;
  /** The sets of policies that its tokens can have. Each is judged by itself. */
  readonly sets: PolicySet[];
  /** The paths that let others become it if they may write there. */
  readonly becomes: readonly string[];
  /** What it gains without any policy. */
  readonly direct?: { readonly gain: Gain; readonly permits: string; readonly through: string };
}

export interface PolicySet {
  readonly policies: readonly string[];
  /** How it gets them, such as "entity bob, group admins". @default its own policies */
  readonly through?: string;
  /** The name of the entity that gives some of them, itself or by its groups. */
  readonly entity?: string;
  /** The person for whom templates in policies are filled. */
  readonly person: Person;
}

/**
 * Everyone who can have a token, but for root tokens: they are inspected apart.
 * @param keyPath the path of the secret with the key, such as `secret/openrouter`
 */
export function principalsOf(answers: VaultAnswers, keyPath: string): Principal[] {
  const all = new Map<string, Principal>();
  const { methods, logins } = answers;
  for (const login of logins) {
    const method = methods.find(({ path }) => path === login.method);
    if (method) add(all, ofLogin(login, method, answers));
  }
  const groups = new Map(answers.groups.map((group) => [group.id, group]));
  for (const entity of answers.entities) if (!entity.disabled) addEntity(all, entity, groups, answers);
  for (const group of answers.groups) addExternalGroup(all, group, groups);
  for (const token of answers.tokens) addToken(all, token, answers, secretApiPath("data", keyPath));
  return [...all.values()];
}

function add(all: Map<string, Principal>, principal: Principal): void {
  const known = all.get(principal.id);
  if (known) known.sets.push(...principal.sets);
  else all.set(principal.id, principal);
}

/** The names of policies in a field, which is a list or a text with commas. */
function names(value: unknown): string[] {
  const list = Array.isArray(value) ? value.map(String) : typeof value === "string" ? value.split(",") : [];
  return list.map((name) => name.trim().toLowerCase()).filter((name) => name !== "");
}

/** The policies of what an auth method gives, by any of the fields that methods have for it. */
function policiesOf({ data }: Pick<Login, "data">): string[] {
  const fields = ["token_policies", "policies", "value", "unregistered_user_policies"];
  const own = fields.flatMap((field) => names(data[field]));
  return [...new Set([...own, ...(data.token_no_default_policy === true ? [] : ["default"])])];
}

function isConfiguration({ path }: Login): boolean {
  return path.startsWith("config");
}

function ofLogin(login: Login, method: AuthMethod, answers: VaultAnswers): Principal {
  const id = `auth/${login.method}${login.path}`;
  if (method.type === "token") return ofTokenRole(id, login, answers);
  if (isConfiguration(login)) {
    const sets = [{ policies: policiesOf(login), person: { method, alias: undefined } }];
    return { id, name: `everyone who logs in by auth/${method.path}`, sets, becomes: [] };
  }
  const [kind = ""] = login.path.split("/");
  const ofAll = answers.logins
    .filter((other) => other.method === login.method && isConfiguration(other))
    .flatMap(policiesOf);
  return {
    id,
    name: `${nameOfKind(kind)} ${login.name} of auth/${method.path}`,
    sets: [
      {
        policies: [...new Set([...policiesOf(login), ...ofAll])],
        person: { method, alias: kind === "users" ? login.name : undefined },
      },
    ],
    becomes: waysToBecome(id, method.type, kind),
  };
}

function nameOfKind(kind: string): string {
  return { users: "user", groups: "group", certs: "certificate", map: "team or user" }[kind] ?? "role";
}

function waysToBecome(id: string, type: string, kind: string): string[] {
  if (type === "approle")
    return ["secret-id", "custom-secret-id", "bind-secret-id"].map((last) => `${id}/${last}`);
  return type === "userpass" && kind === "users" ? [`${id}/password`] : [];
}

/** Its tokens can have any of these policies, batch tokens included, which Vault does not list. */
function ofTokenRole(id: string, { name, data }: Login, { policyNames }: VaultAnswers): Principal {
  const allowed = [...names(data.allowed_policies), ...names(data.allowed_policies_glob)];
  const disallowed = [...names(data.disallowed_policies), ...names(data.disallowed_policies_glob)];
  // With neither, a token gets policies of the token that makes it.
  const isRestricted = allowed.length + disallowed.length > 0;
  const permitted = policyNames.filter(
    (policy) =>
      isRestricted &&
      policy !== "root" &&
      (allowed.length === 0 || isNamed(policy, allowed)) &&
      !isNamed(policy, disallowed),
  );
  return {
    id,
    name: `token role ${name}`,
    sets: permitted.map((policy) => ({ policies: [policy], person: {} })),
    becomes: [`auth/token/create/${name}`],
  };
}

/** Whether a name is in a list, in which `*` stands for any text. */
function isNamed(name: string, list: readonly string[]): boolean {
  return list.some((entry) => isLike(name, entry.split("*")));
}

/** Whether a name consists of these parts in their order, with any text between them. */
function isLike(name: string, [first = "", ...others]: readonly string[]): boolean {
  const last = others.pop();
  if (last === undefined) return name === first;
  let at = first.length;
  for (const part of others) {
    const found = name.indexOf(part, at);
    if (found < 0) return false;
    at = found + part.length;
  }
  return name.startsWith(first) && name.endsWith(last) && name.length - last.length >= at;
}

type Groups = ReadonlyMap<string, GroupAnswer>;

/** Groups with the groups that they are members of. */
function withParents(ids: readonly string[], groups: Groups): GroupAnswer[] {
  const found = new Map<string, GroupAnswer>();
  const left = [...ids];
  for (let id = left.pop(); id !== undefined; id = left.pop()) {
    const group = groups.get(id);
    if (!group || found.has(id)) continue;
    found.set(id, group);
    left.push(...(group.parent_group_ids ?? []));
  }
  return [...found.values()];
}

function addEntity(
  all: Map<string, Principal>,
  entity: EntityAnswer,
  groups: Groups,
  { methods, logins }: VaultAnswers,
): void {
  const memberOf = withParents(entity.group_ids ?? [], groups);
  const given = [
    ...new Set([...names(entity.policies), ...memberOf.flatMap((group) => names(group.policies))]),
  ];
  const through = [
    `entity ${entity.name}`,
    ...memberOf.filter(({ policies }) => names(policies).length > 0).map(({ name }) => `group ${name}`),
  ].join(", ");
  const person: Person = { entity, groups: memberOf };
  let isMatched = false;
  for (const alias of entity.aliases ?? []) {
    const method = methods.find(({ accessor }) => accessor === alias.mount_accessor);
    const login = method && logins.find((each) => each.method === method.path && isOf(each, method, alias));
    if (!method || !login) continue;
    isMatched = true;
    all.get(`auth/${login.method}${login.path}`)?.sets.push({
      policies: [...new Set([...policiesOf(login), ...given])],
      through,
      entity: entity.name,
      person: { ...person, method },
    });
  }
  if (isMatched || given.length === 0 || !entity.aliases?.length) return;
  add(all, {
    id: `identity/entity/name/${entity.name}`,
    name: `entity ${entity.name}`,
    sets: [{ policies: given, through, entity: entity.name, person }],
    becomes: [],
  });
}

/** Whether an alias is of what an auth method gives policies to. Of most methods, only a login shows that. */
function isOf({ path, name }: Login, { type }: AuthMethod, alias: AliasAnswer): boolean {
  if (type === "approle") return path === `role/${alias.metadata?.role_name}`;
  return path === `users/${alias.name}` || (path.startsWith("users/") && name === alias.name);
}

function addExternalGroup(all: Map<string, Principal>, group: GroupAnswer, groups: Groups): void {
  if (group.type !== "external" || !group.alias?.name) return;
  const memberOf = withParents([group.id], groups);
  const policies = memberOf.flatMap((each) => names(each.policies));
  if (policies.length === 0) return;
  add(all, {
    id: `identity/group/name/${group.name}`,
    name: `external group ${group.name} (${group.alias.name})`,
    sets: [{ policies: [...new Set(policies)], person: { groups: memberOf } }],
    becomes: [],
  });
}

/** @param wrapped the path of the call whose answer a wrapping token holds, if that is the key */
function addToken(
  all: Map<string, Principal>,
  token: ActiveToken,
  answers: VaultAnswers,
  wrapped: string,
): void {
  const policies = [...new Set([...names(token.policies), ...names(token.identity_policies ?? [])])];
  if (policies.includes("root")) return;
  const own = `token:${token.accessor}`;
  if (policies.join() === "response-wrapping") {
    if (token.path !== wrapped) return;
    const direct = { gain: "read", permits: "read the key", through: "an answer that it unwraps" } as const;
    add(all, { id: own, name: `wrapping token ${token.accessor}`, sets: [], becomes: [], direct });
    return;
  }
  const entity = answers.entities.find(({ id }) => id === token.entity_id);
  const id = issuerOf(token, answers) ?? own;
  const name = id === own ? `token ${token.accessor} (${token.display_name ?? "no name"})` : id;
  const through = id === own ? undefined : `its active token ${token.accessor}`;
  const person: Person = entity ? { entity, groups: [] } : {};
  add(all, {
    id,
    name,
    sets: [{ policies, person, ...(through ? { through } : {}) }],
    becomes: [],
  });
}

/** The id of what a token was made by, if that is known. Otherwise a token stands for itself. */
function issuerOf({ path = "", meta, role }: ActiveToken, { methods }: VaultAnswers): string | undefined {
  if (path.startsWith("auth/token/")) return role ? `auth/token/roles/${role}` : undefined;
  const method = methods.find((each) => path.startsWith(`auth/${each.path}`));
  if (!method) return undefined;
  const user = meta?.username ?? /\/login\/([^/]+)$/.exec(path)?.[1];
  if (method.type === "approle" && meta?.role_name) return `auth/${method.path}role/${meta.role_name}`;
  if (user) return `auth/${method.path}users/${user}`;
  return meta?.role ? `auth/${method.path}role/${meta.role}` : undefined;
}
