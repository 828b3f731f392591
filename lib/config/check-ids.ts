/** Every check, in the order in which a report shows them. The ids are stable: settings and others name them. */
export const checkIds = [
  "vault.reachable",
  "vault.unsealed",
  "vault.shares",
  "vault.identities",
  "secret.present",
  "docker.exec",
  "key.valid",
  "budget.limit",
  "budget.spent",
  "models.known",
  "chat.default",
  "chat.fallback",
  "chat.experimentation",
  "openclaw.config",
  "openclaw.user",
  "host.schedules",
] as const;
export type CheckId = (typeof checkIds)[number];
