import type { AuthMethod, EntityAnswer, GroupAnswer } from "./answers";

/** The person for whom Vault fills templates in policies, with what is known of it. */
export interface Person {
  readonly entity?: EntityAnswer;
  readonly groups?: readonly GroupAnswer[];
  /** The auth method of the login. */
  readonly method?: AuthMethod;
  /** The name by which it logs in there. Undefined if it can be any. */
  readonly alias?: string | undefined;
}

/**
 * Fills the templates of a rule's path, such as `secret/data/{{identity.entity.name}}`. A segment that can be any text becomes
 * `+`.
 * @returns undefined if Vault ignores the rule for this person
 */
export function fillTemplates(path: string, person: Person): string | undefined {
  if (!path.includes("{{")) return path;
  const segments = splitOutsideTemplates(path).map((segment) => {
    let isAny = false;
    let isMissing = false;
    const text = segment.replace(/\{\{\s*(.*?)\s*\}\}/g, (_, name: string) => {
      const value = filledBy(name, person);
      if (value === any) isAny = true;
      if (value === undefined) isMissing = true;
      return typeof value === "string" ? value : "";
    });
    if (isMissing) return undefined;
    return isAny ? "+" : text;
  });
  return segments.includes(undefined) ? undefined : segments.join("/");
}

function splitOutsideTemplates(path: string): string[] {
  return path.match(/(?:\{\{.*?\}\}|[^/])+|(?<=\/)(?=\/|$)|^(?=\/)/g) ?? [];
}

/** A value that can be any text. */
const any = Symbol("any");

function filledBy(
  name: string,
  { entity, groups = [], method, alias }: Person,
): string | typeof any | undefined {
  const [scope, ...parts] = name.replace(/^identity\./, "").split(".");
  if (scope === "groups") {
    const [by, which, field] = [parts[0], parts.slice(1, -1).join("."), parts.at(-1)];
    const group = groups.find((each) => (by === "ids" ? each.id : each.name) === which);
    return group && (field === "id" ? group.id : field === "name" ? group.name : undefined);
  }
  if (scope !== "entity") return undefined;
  const [field = "", accessor, ofAlias, ...rest] = parts;
  if (field === "aliases") {
    const known = entity?.aliases?.find(({ mount_accessor }) => mount_accessor === accessor);
    if (known) {
      if (ofAlias === "name") return known.name;
      return ofAlias === "metadata" ? known.metadata?.[rest.join(".")] : undefined;
    }
    if (!method || method.accessor !== accessor) return undefined;
    return ofAlias === "name" && alias !== undefined ? alias : any;
  }
  if (entity) {
    if (field === "id") return entity.id;
    if (field === "name") return entity.name;
    return field === "metadata" ? entity.metadata?.[parts.slice(1).join(".")] : undefined;
  }
  // Vault gives a new entity a random id and name, and no metadata.
  return field === "id" || field === "name" ? "an-entity-of-its-own" : undefined;
}
