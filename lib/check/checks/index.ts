import type { Check } from "../check";
import { budgetLimit } from "./budget-limit";
import { budgetSpent } from "./budget-spent";
import { chatDefault, chatExperimentation, chatFallback } from "./chat";
import { guideCommand } from "./guide-command";
import { hostAlerts } from "./host-alerts";
import { hostSchedules } from "./host-schedules";
import { keyValid } from "./key-valid";
import { modelsKnown } from "./models-known";
import { openclawConfig } from "./openclaw-config";
import { openclawGateway } from "./openclaw-gateway";
import { openclawUser } from "./openclaw-user";
import { secretPresent } from "./secret-present";
import { vaultIdentities } from "./vault-identities";
import { vaultReachable } from "./vault-reachable";
import { vaultShares } from "./vault-shares";
import { vaultUnsealed } from "./vault-unsealed";

/** Every check, in the order of the report, which is the order of `checkIds`. */
export const checks: readonly Check[] = [
  vaultReachable,
  vaultUnsealed,
  vaultShares,
  vaultIdentities,
  secretPresent,
  guideCommand,
  keyValid,
  budgetLimit,
  budgetSpent,
  modelsKnown,
  chatDefault,
  chatFallback,
  chatExperimentation,
  openclawConfig,
  openclawGateway,
  openclawUser,
  hostSchedules,
  hostAlerts,
];
