import { randomBytes } from "node:crypto";
import { sha256 } from "../core/fingerprint";
import { Refusal } from "./answers";
import type { KeyRecord } from "./state";
import { rollOver, spentOfLimit } from "./usage";
import type { World } from "./world";

const userId = "user_sandbox";

/** The fields of a key that can be set when it is made or changed. */
export type KeyFields = Partial<Omit<KeyRecord, "hash" | "label" | "createdAt" | "updatedAt">>;

/** A key in the form of a real one. */
export function newKey(): string {
  return `sk-or-v1-${randomBytes(32).toString("hex")}`;
}

/** Adds a key to the sandbox: by default an ordinary one with a limit of 30 USD per month. */
export function addKey(world: World, key: string, fields: KeyFields = {}): KeyRecord {
  const now = world.now().toISOString();
  const record: KeyRecord = {
    hash: sha256(key),
    label: `${key.slice(0, 12)}...${key.slice(-3)}`,
    name: "sandbox",
    management: false,
    disabled: false,
    limit: 30,
    limitReset: "monthly",
    includeByokInLimit: false,
    expiresAt: null,
    createdAt: now,
    updatedAt: null,
    usage: { total: 0, daily: 0, weekly: 0, monthly: 0, at: now },
    byokUsage: { total: 0, daily: 0, weekly: 0, monthly: 0, at: now },
    workspaceId: world.state.workspaces[0]!.id,
    ...fields,
  };
  world.state.keys.push(record);
  world.save();
  return record;
}

/** The record of a key, usable or not. */
export function findKey(world: World, key: string): KeyRecord | undefined {
  return world.state.keys.find((record) => record.hash === sha256(key));
}

/**
 * The record of a request's key.
 * @throws {Refusal} 401
 */
export function authenticate(world: World, key: string | undefined): KeyRecord {
  if (key === undefined) throw new Refusal(401, "Missing Authentication header");
  const record = findKey(world, key);
  if (!record) throw new Refusal(401, "User not found.");
  if (record.disabled) throw new Refusal(401, "API key is disabled.");
  if (record.expiresAt !== null && new Date(record.expiresAt) <= world.now()) {
    throw new Refusal(401, "API key has expired.");
  }
  return record;
}

/**
 * As {@link authenticate}, for calls that require a management key.
 * @throws {Refusal} 401, 403
 */
export function authenticateManager(world: World, key: string | undefined): void {
  if (!authenticate(world, key).management)
    throw new Refusal(403, "Only management keys can perform this operation");
}

/** The rest of a key's own limit, in USD; null: unlimited. */
export function limitRemaining(record: KeyRecord, now: Date): number | null {
  if (record.limit === null) return null;
  const counted = record.includeByokInLimit ? [record.usage, record.byokUsage] : [record.usage];
  const spent = counted.map((usage) => spentOfLimit(rollOver(usage, now), record.limitReset));
  return Math.max(0, record.limit - spent.reduce((sum, amount) => sum + amount, 0));
}

/** The common fields of `GET /key` and the keys API. */
function common(record: KeyRecord, now: Date) {
  const usage = rollOver(record.usage, now);
  const byok = rollOver(record.byokUsage, now);
  return {
    label: record.label,
    limit: record.limit,
    limit_remaining: limitRemaining(record, now),
    limit_reset: record.limitReset,
    include_byok_in_limit: record.includeByokInLimit,
    usage: usage.total,
    usage_daily: usage.daily,
    usage_weekly: usage.weekly,
    usage_monthly: usage.monthly,
    byok_usage: byok.total,
    byok_usage_daily: byok.daily,
    byok_usage_weekly: byok.weekly,
    byok_usage_monthly: byok.monthly,
    creator_user_id: userId,
    expires_at: record.expiresAt,
    workspace_id: record.workspaceId,
  };
}

/** The `data` of `GET /key` and `GET /auth/key`. */
export function currentKeyData(record: KeyRecord, now: Date): unknown {
  return {
    ...common(record, now),
    is_free_tier: false,
    is_management_key: record.management,
    is_provisioning_key: record.management,
    organization_id: null,
    allowed_data_regions: ["global"],
    free_model_daily_requests: { used: 0, limit: 1000, remaining: 1000 },
    rate_limit: { requests: -1, interval: "10s", note: "This field is deprecated and safe to ignore." },
  };
}

/** A key as the keys API shows it. */
export function keyItem(record: KeyRecord, now: Date): unknown {
  return {
    ...common(record, now),
    hash: record.hash,
    name: record.name,
    disabled: record.disabled,
    created_at: record.createdAt,
    updated_at: record.updatedAt,
    external_user: null,
  };
}
