/** Every check, in the order of the report. The ids are stable: settings and other tools refer to them. */
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
  "openclaw.gateway",
  "openclaw.user",
  "host.schedules",
  "host.alerts",
] as const;
export type CheckId = (typeof checkIds)[number];
