import type { CheckId } from "./check-ids";

const chats = ["price:*", "unclear", "ended:*"] as const;

/**
 * The warnings of each check, by the names that `check.accepted` uses. In one that ends in `*` it stands for what the warning is
 * about, such as an agent or a model: each of these is a warning of its own. The names are stable.
 */
export const checkWarnings = {
  "vault.reachable": ["version:*", "servers:*", "in-memory", "open", "certificate", "served-certificate:*"],
  "vault.unsealed": ["started", "unsealed"],
  "vault.shares": ["on-host"],
  "vault.identities": ["root-token:*", "no-audit"],
  "secret.present": ["age", "ends"],
  "docker.exec": ["refused"],
  "key.valid": ["free-tier", "free-calls", "expires:*"],
  "budget.limit": ["changed:*", "own-keys", "reset:*", "other-budget"],
  "budget.spent": ["not-reported", "alert", "month", "today", "remaining"],
  "models.known": ["leaves:*", "price:*", "tools:*"],
  "chat.default": chats,
  "chat.fallback": [...chats, "same-model"],
  "chat.experimentation": [...chats, "failed:*"],
  "openclaw.config": ["value:*", "not-compared", "no-engine", "stopped", "readable:*"],
  "openclaw.gateway": [
    "mode:*",
    "elsewhere:*",
    "model:*",
    "profile:*",
    "no-fallback:*",
    "plain-key:*",
    "winning-key:*",
    "not-allowed:*",
    "no-proxy",
    "doctor:*",
  ],
  "openclaw.user": ["same-user", "reads:*", "engine", "privileged", "folder:*"],
  "host.schedules": ["stopped:*", "older:*"],
  "host.alerts": ["no-check", "refused:*"],
} as const satisfies Readonly<Record<CheckId, readonly string[]>>;

type Named<T extends string> = T extends `${infer Name}*` ? `${Name}${string}` : T;

/** The name of a warning of a check. */
export type WarningOf<I extends CheckId> = Named<(typeof checkWarnings)[I][number]>;

/** The only warning of a check; undefined if it has several. */
export function onlyWarning(id: CheckId): string | undefined {
  const [only, ...more]: readonly string[] = checkWarnings[id];
  return more.length === 0 && !only?.endsWith("*") ? only : undefined;
}

/** Whether a name in the settings names a warning of a check, or, by a `*` at its end, several that begin so. */
export function isWarningOf(id: CheckId, name: string): boolean {
  return checkWarnings[id].some((each) =>
    each.endsWith("*") ? name.startsWith(each.slice(0, -1)) && name.length >= each.length : name === each,
  );
}

/** Whether a name in the settings names a warning that was found. */
export function namesWarning(name: string, found: string): boolean {
  return name.endsWith("*") ? found.startsWith(name.slice(0, -1)) : found === name;
}
