import { z } from "zod";
import { identities, identityNames } from "../../../lib/model/vault/identities";
import { operatorPolicyName } from "../../../lib/model/vault/policies";
import type { VaultClient } from "../../../lib/vault/client";

const parameter = z.object({ name: z.string(), in: z.string() });
const operation = z.object({
  parameters: z.array(parameter).default([]),
  requestBody: z
    .object({
      content: z.object({
        "application/json": z.object({ schema: z.object({ $ref: z.string().optional() }) }),
      }),
    })
    .optional(),
});
const document = z.object({
  paths: z.record(
    z.string(),
    z.object({
      get: operation.optional(),
      post: operation.optional(),
      patch: operation.optional(),
      delete: operation.optional(),
    }),
  ),
  components: z.object({
    schemas: z.record(z.string(), z.object({ properties: z.record(z.string(), z.unknown()).default({}) })),
  }),
});
export type OpenApi = z.output<typeof document>;

/** What Vault says of itself: every path, and every parameter of it. */
export function readOpenApi(root: VaultClient): Promise<OpenApi> {
  return root.call({ path: "sys/internal/specs/openapi" }, document);
}

/** POST and PUT are one and the same to Vault: PUT is tried of what is permitted by POST. */
const methods = ["GET", "LIST", "POST", "PATCH", "DELETE"] as const;
type Method = (typeof methods)[number] | "PUT";

/** One thing that may be asked of Vault. */
export interface Attempt {
  readonly method: Method;
  /** Below `/v1/`. */
  readonly path: string;
  /** As the document has it. */
  readonly template: string;
}

const roles = identityNames.map((name) => identities[name].role);

/** What stands for a part of a path: names of ours, where there are such, so that something is there to be had. */
function fillings(template: string): readonly string[] {
  if (/^\/sys\/(policies\/\w+|policy)\//.test(template)) return [...roles, operatorPolicyName];
  if (template.startsWith("/auth/approle/role/")) return roles;
  if (/^\/sys\/audit(-hash)?\//.test(template)) return ["file"];
  if (/^\/sys\/(mounts|internal\/ui\/mounts)\//.test(template)) return ["secret", "auth/approle"];
  if (template.startsWith("/sys/auth/")) return ["approle"];
  if (template.startsWith("/sys/config/auditing/")) return ["x-vault-token"];
  if (template.startsWith("/secret/")) return ["openrouter", "other"];
  if (template.startsWith("/openclaw/")) return ["backup/0", "ca", "other"];
  return ["openrouter"];
}

/** Every path of the document by every method, also by those that it does not name. */
export function everyAttempt({ paths }: OpenApi): Attempt[] {
  return Object.keys(paths).flatMap((template) =>
    // The whole of a store, as a pattern.
    fillings(template).flatMap((name) => {
      const path = template
        .replace(/^\//, "")
        .replace("^.*$", name)
        .replace(/\{\w+\}/g, name);
      return methods.map((method) => ({ method, path, template }));
    }),
  );
}

/** What takes a token its rights, or everybody Vault: it comes last, one after the other. */
function isLate({ method, path }: Attempt): boolean {
  if (/^(auth\/token\/revoke-self|sys\/seal|sys\/step-down)$/.test(path)) return true;
  return method === "DELETE" && path.startsWith("sys/policies/acl/");
}

/**
 * Whether Vault does for a token what it is asked, or refuses it for what it is asked only: then the token may.
 * @param parameters in the body of a call that writes, else in its query. @default none
 */
async function isPermitted(
  address: string,
  token: string | undefined,
  { method, path }: Pick<Attempt, "method" | "path">,
  parameters: Readonly<Record<string, string>> = {},
): Promise<boolean> {
  const hasBody = method === "POST" || method === "PUT" || method === "PATCH";
  const query = new URLSearchParams({
    ...(method === "LIST" ? { list: "true" } : {}),
    ...(hasBody ? {} : parameters),
  });
  const response = await fetch(`${address}/v1/${path}?${query}`, {
    method: method === "LIST" ? "GET" : method,
    headers: {
      ...(token ? { "X-Vault-Token": token } : {}),
      ...(hasBody
        ? { "Content-Type": method === "PATCH" ? "application/merge-patch+json" : "application/json" }
        : {}),
    },
    ...(hasBody ? { body: JSON.stringify(parameters) } : {}),
    signal: AbortSignal.timeout(15_000),
  });
  const text = await response.text();
  if (response.status === 403 || response.status === 405) return false;
  // No such path, or no such thing to do there.
  return !(response.status === 404 && /no handler for route|unsupported (path|operation)/.test(text));
}

/** How many calls are under way at a time. */
const atATime = 24;

/** What a token is permitted of something that may be asked, and which parameters it may give with it. */
export interface Permission extends Attempt {
  readonly parameters: readonly string[];
}

/** What of all that may be asked a token is permitted. Each parameter of what is permitted is tried as well, one at a time. */
export async function sweep(
  api: OpenApi,
  address: string,
  token: string | undefined,
  attempts: readonly Attempt[],
): Promise<Permission[]> {
  const permitted: Permission[] = [];
  const attempt = async (each: Attempt) => {
    if (!(await isPermitted(address, token, each))) return;
    const parameters: string[] = [];
    for (const name of token ? parametersOf(api, each) : [])
      if (await isPermitted(address, token, each, { [name]: "" })) parameters.push(name);
    permitted.push({ ...each, parameters });
    if (each.method === "POST") await attempt({ ...each, method: "PUT" });
  };
  const early = attempts.filter((each) => !isLate(each));
  const lane = async () => {
    for (let next = early.shift(); next; next = early.shift()) await attempt(next);
  };
  await Promise.all(Array.from({ length: atATime }, lane));
  // Without its own policy a token may nothing any more.
  const isOwn = ({ path }: Attempt) => Number(path === `sys/policies/acl/${identities.deployer.role}`);
  for (const each of attempts.filter(isLate).sort((a, b) => isOwn(a) - isOwn(b))) await attempt(each);
  return permitted;
}

/** A line a path: by which methods, and with which parameters. Such as `GET POST secret/data/openrouter (data, options)`. */
export function listed(permitted: readonly Permission[]): string[] {
  const paths = new Map<string, { methods: Set<Method>; given: Set<string> }>();
  for (const { method, path, parameters } of permitted) {
    // Vault has some paths with and without a slash at their end.
    const name = path.replace(/\/$/, "");
    const known = paths.get(name) ?? { methods: new Set(), given: new Set() };
    paths.set(name, known);
    known.methods.add(method);
    for (const parameter of parameters) known.given.add(parameter);
  }
  return [...paths]
    .map(([path, { methods, given }]) => {
      const parameters = given.size > 0 ? ` (${[...given].sort().join(", ")})` : "";
      return `${[...methods].sort().join(" ")} ${path}${parameters}`;
    })
    .sort();
}

/** The parameters of a call, by their names: of its body, and of its query. */
function parametersOf({ paths, components }: OpenApi, { method, template }: Attempt): string[] {
  const name = method === "LIST" ? "get" : method === "PUT" ? "post" : (method.toLowerCase() as "get");
  const found = paths[template]?.[name];
  const reference = found?.requestBody?.content["application/json"].schema.$ref?.split("/").at(-1);
  const body = Object.keys((reference && components.schemas[reference]?.properties) || {});
  const query = (found?.parameters ?? []).filter((each) => each.in === "query").map((each) => each.name);
  // By this one a list is asked for.
  return [...body, ...query].filter((each) => each !== "list");
}
