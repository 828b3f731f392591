import { isDeepStrictEqual } from "node:util";
import { settingDifferences } from "../config/setting-differences";
import { type Settings, settingsSchema } from "../config/settings";
import { pendingCleanupsFile } from "../store/records/pending-cleanups";
import type { Contents } from "./contents";

/** A change that a backup brings, which the person may not want. */
export interface Change {
  /** The name of the option, for example `openrouter.baseUrl`, or a description. */
  readonly what: string;
  /** The values on this host and in the backup, as text for a person. */
  readonly now: string;
  readonly brought: string;
  /** Whether it controls where keys, shares or files go, what runs, who reaches Vault, or what the check passes. */
  readonly isSensitive: boolean;
}

/** The options that need no answer: names of models, amounts that a person can judge, ports of the loopback. */
const harmless = new Set([
  ...["vault.port", "vault.memoryMegabytes", "vault.ui", "vault.telemetry", "sandbox.port"],
  ...["models.default", "models.fallback", "models.experimentation", "models.french", "models.open"],
  ...["check.maxTokens", "check.timeoutSeconds", "check.maxCostUsd", "rotation.expireDays"],
  ...["budget.alertEur", "budget.hardLimitEur", "budget.usdPerEur", "budget.rateDate"],
  ...["budget.priceCeiling", "hosts.maxTotalLimitEur"],
]);

/**
 * The changes that a backup brings, besides Vault's data, to a host that has nothing of the instance.
 * @param own the host's own settings, which the backup does not replace. @default the instance gets the backup's settings
 */
export function changesOf({ settings, files }: Contents, own?: Settings): Change[] {
  const defaults = settingsSchema.parse({});
  const taken = own ?? settings?.parsed ?? defaults;
  return [
    ...(own ? [] : settingDifferences(defaults, taken)).map(([what, now, brought]) => ({
      what,
      now: shown(now),
      brought: shown(brought),
      isSensitive: !harmless.has(what),
    })),
    ...otherBackend(taken, files.get("deployed.json")),
    ...cleanupsIn(files.get("pending-key-cleanups.json")),
  ];
}

/** The backend of the backup's last deploy, if it differs: a migration of the states reads them from there. */
function otherBackend({ terraform }: Settings, deployed: string | undefined): Change[] {
  if (deployed === undefined) return [];
  const { settings } = JSON.parse(deployed) as { settings?: { terraform?: { backend?: unknown } } };
  const kept = settings?.terraform?.backend;
  if (kept === undefined || isDeepStrictEqual(kept, terraform.backend)) return [];
  const what = "the state is kept at";
  return [{ what, now: shown(terraform.backend), brought: shown(kept), isSensitive: true }];
}

function cleanupsIn(text: string | undefined): Change[] {
  const { pendingCleanups } =
    text === undefined ? { pendingCleanups: [] } : pendingCleanupsFile.parse(JSON.parse(text));
  if (pendingCleanups.length === 0) return [];
  const names = pendingCleanups.map((cleanup) =>
    cleanup.kind === "remove"
      ? (cleanup.label ?? cleanup.name ?? cleanup.hash ?? cleanup.sha256)
      : cleanup.name,
  );
  const what = "keys that the next management key removes or renames at OpenRouter";
  return [{ what, now: "none", brought: shown(names), isSensitive: true }];
}

/** The value as JSON, with all but printable ASCII characters escaped, cut at 500 characters. */
function shown(value: unknown): string {
  if (value === undefined) return "none";
  const text = JSON.stringify(value).replace(
    /[^\x20-\x7e]/g,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return text.length > 500 ? `${text.slice(0, 500)} …` : text;
}
