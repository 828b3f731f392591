import { basename, dirname, isAbsolute, normalize } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors";
import { declaredAddresses, declaredProviders } from "../model/declared-providers";
import { artifactNames } from "../model/openclaw/openclaw";

/** The address of the provider that is built into Terraform. */
const builtIn = "terraform.io/builtin/terraform";

/** The types of resources that bootstrap, or an admin of an external Vault, writes: the deployer can only read them. */
export const writtenByBootstrap: readonly string[] = [
  "vault_audit",
  "vault_mount",
  "vault_policy",
  "vault_approle_auth_backend_role",
];

/** The types of resources that the stacks declare, by provider name. A test compares them with the stacks. */
export const declaredTypes: Readonly<Record<string, readonly string[]>> = {
  docker: ["docker_image", "docker_volume", "docker_network", "docker_container"],
  vault: [...writtenByBootstrap, "vault_kv_secret_v2"],
  local: ["local_file"],
  terraform: ["terraform_data"],
};

/** Terraform reads a name in any case, so `Resources` would be a second list of them: each name must be in its own case. */
const known = <Shape extends z.core.$ZodLooseShape>(shape: Shape) =>
  z.looseObject(shape).refine((value) => Object.keys(value).every((name) => /^[a-z_]+$/.test(name)));

const instance = known({
  attributes: z.record(z.string(), z.unknown()).nullish(),
  // Terraform reads them instead of the attributes if these are missing.
  attributes_flat: z.undefined().optional(),
  // OpenTofu reads it instead of the resource's provider.
  provider: z.undefined().optional(),
});

const resource = known({
  // No stack has a module.
  module: z.undefined().optional(),
  mode: z.literal("managed"),
  type: z.string(),
  name: z.string().regex(/^[\w-]{1,200}$/),
  provider: z.string(),
  instances: z.array(instance),
});

const state = known({
  version: z.literal(4),
  lineage: z.string().min(1),
  serial: z.int().min(0),
  resources: z.array(resource).default([]),
});

/**
 * Judges a state before Terraform reads it: Terraform would install and run every provider in the state, and delete every
 * resource in it.
 * @param json the state; undefined if there is none
 * @param source the origin of the state, for the message
 * @throws UserError if it names a provider or a type of resources that the stacks do not declare
 */
export function judgeState(json: unknown, source: string): void {
  if (json === undefined) return;
  const parsed = state.safeParse(json);
  if (!parsed.success) throw refused(source, "JSON of another shape than the states of the stacks");
  for (const { type, name, provider, instances } of parsed.data.resources) {
    const address = /^provider\["([\w./-]+)"\]$/.exec(provider)?.[1] ?? "";
    if (address !== builtIn && !declaredAddresses.has(address))
      throw refused(source, `the provider ${JSON.stringify(provider.slice(0, 100))}`);
    const types = declaredTypes[basename(address)] ?? [];
    if (!types.includes(type))
      throw refused(source, `a resource of the type ${JSON.stringify(type.slice(0, 60))}`);
    for (const { attributes } of instances) {
      if (attributes && !isHarmless(type, attributes))
        throw refused(source, `${type}.${name}, which differs from the declaration`);
    }
  }
}

/**
 * Whether deleting the resource removes nothing unmanaged. Whose a resource on an engine is, and whether one in Vault may go, is
 * judged when the plan is made.
 */
export function isHarmless(type: string, attributes: Readonly<Record<string, unknown>>): boolean {
  if (type === "docker_image") return attributes.keep_locally === true;
  if (type === "local_file") return isRendered(attributes.filename);
  return Object.values(declaredTypes).flat().includes(type);
}

/** Whether Terraform renders a file of that path, in the directory of any instance. */
function isRendered(filename: unknown): boolean {
  return (
    typeof filename === "string" &&
    isAbsolute(filename) &&
    normalize(filename) === filename &&
    basename(dirname(filename)) === "rendered" &&
    artifactNames.some((name) => name === basename(filename))
  );
}

function refused(source: string, got: string): UserError {
  return new UserError({
    problem: `${source} holds what no stack of this program declares. Nothing was changed.`,
    got,
    expected: `the providers ${declaredProviders.join(", ")}, and their resources that the stacks declare`,
    fix: "Find out who can write that state. Restore it from a backup, or run: openclaw-openrouter state adopt",
  });
}
