import { z } from "zod";
import { compareFields, type FieldDifference } from "../core/compare-fields";
import { approleMount, auditDevice, secretMount, tokenMount } from "../model/vault/own-vault";
import type { Mount } from "./schemas";

/** The mount path as Vault's lists show it. */
export const secretPath = `${secretMount.path}/`;
export const approlePath = `${approleMount.path}/`;
export const tokenPath = `${tokenMount.path}/`;
export const auditPath = `${auditDevice.path}/`;

const device = z.object({
  type: z.string(),
  description: z.string().default(""),
  options: z.record(z.string(), z.unknown()).nullish(),
  local: z.boolean().default(false),
});
type AuditDevice = z.output<typeof device>;

/** GET sys/audit */
export const auditAnswer = z.object({ data: z.record(z.string(), device).nullish() });

/** The default tuning of a mount. */
const untuned: Readonly<Record<string, unknown>> = {
  default_lease_ttl: 0,
  max_lease_ttl: 0,
  force_no_cache: false,
  token_type: "default-service",
};

/**
 * The differences between a mount's tuning and the tuning that it was made with. Fields have the names of Vault's list of
 * mounts.
 */
export function compareTuning(now: Mount, declared: { readonly description: string }): FieldDifference[] {
  const { version: _, ...options } = now.options ?? {};
  const configured = Object.entries(now.config);
  return compareFields([
    ["description", declared.description, now.description],
    ...Object.entries(options).map(([name, value]) => [`options.${name}`, none, value] as const),
    ...configured.map(([name, value]) => [`config.${name}`, show(untuned[name]), show(value)] as const),
  ]);
}

/** The same of the auth method of tokens, as far as it decides how long one can last. */
export function compareTokens(now: Mount): FieldDifference[] {
  return compareTuning(now, tokenMount).filter(({ field }) => field.endsWith("_lease_ttl"));
}

const none = "none";

function show(value: unknown): string {
  if (Array.isArray(value)) return value.join(", ");
  return typeof value === "object" && value !== null ? JSON.stringify(value) : String(value ?? none);
}

/** Whether a tuning can be undone: Vault never removes `user_lockout_config` once it is set. */
export function isUndone({ field }: FieldDifference): boolean {
  return field !== "config.user_lockout_config";
}

/** The request body that restores the tuning that a mount was made with. */
export function tuningBack(differences: readonly FieldDifference[]): Record<string, unknown> {
  const body: Record<string, unknown> = {};
  const options: Record<string, string> = {};
  for (const { field, expected } of differences) {
    const [group, name = ""] = field.split(".");
    const value = expected === none ? "" : expected;
    if (group === "options") options[name] = value;
    else body[name || field] = value;
  }
  // Options that are not named stay unchanged, including the version.
  return Object.keys(options).length > 0 ? { ...body, options } : body;
}

/** The declared and the actual options of the managed audit device; undefined if they are the same. */
export function compareAuditDevice(now: AuditDevice): FieldDifference | undefined {
  const [expected, actual] = [describe(auditDevice), describe(now)];
  return expected === actual ? undefined : { field: "options", expected, actual };
}

function describe({
  type,
  description,
  options,
  local,
}: Omit<AuditDevice, "local"> & { local?: boolean }): string {
  const entries = Object.entries(options ?? {}).map(([name, value]) => `${name}=${value}`);
  return [
    type,
    ...entries.sort(),
    ...(local ? ["local"] : []),
    ...(description ? [`(${description})`] : []),
  ].join(" ");
}
