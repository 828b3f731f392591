import { defined } from "../core/defined";
import { table } from "../core/text";
import type { Deployment } from "../model/deployment";
import { isPresetAlone } from "../model/openclaw/model-id";
import { guideModels } from "../model/openclaw/models";
import { openRouterClient } from "./client";
import { findModel } from "./model-match";
import { perMillion } from "./money";

/** A role, its model, and the model's data in the catalogue. */
interface ModelRow {
  readonly role: string;
  readonly id: string;
  /** The id in the settings, if another one replaces it. */
  readonly inSettings?: string;
  /** The setup guide's id for the role, if it differs. */
  readonly guideId?: string;
  /** Whether the catalogue lists it; a preset of the account never is. */
  readonly listed: boolean;
  /** The id of the model that an alias stands for. */
  readonly standsFor?: string;
  /** USD a million tokens. */
  readonly promptPrice?: number;
  readonly completionPrice?: number;
  /** Tokens. */
  readonly contextLength?: number;
  /** The day on which the model leaves the catalogue. */
  readonly expirationDate?: string;
}

/**
 * The models of an instance by role. The catalogue is public: no key is sent.
 * @throws OpenRouterFailure if the catalogue cannot be read
 */
export async function readModelTable(deployment: Deployment): Promise<ModelRow[]> {
  const { baseUrl, settings, replacedModels } = deployment;
  const { title } = settings.openrouter;
  const { timeoutSeconds } = settings.check;
  const catalogue = await openRouterClient({ baseUrl, key: "", title, timeoutSeconds }).listModels();
  return Object.entries(settings.models).map(([role, id]) => {
    const replaced = replacedModels.find((model) => model.role === role);
    const guideId = guideModels[role as keyof typeof guideModels];
    const model = findModel(catalogue, id);
    return {
      role,
      id,
      ...defined({ inSettings: replaced?.id, guideId: guideId === id ? undefined : guideId }),
      listed: model !== undefined,
      ...defined({
        standsFor: model?.aliasTarget,
        promptPrice: perMillion(model?.promptPrice),
        completionPrice: perMillion(model?.completionPrice),
        contextLength: model?.contextLength,
        expirationDate: model?.expirationDate,
      }),
    };
  });
}

function priceOf({ promptPrice, completionPrice }: ModelRow): string {
  if (promptPrice === undefined && completionPrice === undefined) return "unknown";
  return `${promptPrice ?? "?"}/${completionPrice ?? "?"}`;
}

/** The table as text, within 80 columns. */
export function renderModelTable(rows: readonly ModelRow[]): string {
  const cells = rows.map((row) => [
    row.role,
    row.id,
    row.listed ? priceOf(row) : "",
    row.contextLength === undefined ? "" : `${Math.round(row.contextLength / 1000)}k`,
    row.listed ? "yes" : isPresetAlone(row.id) ? "preset" : "NO",
  ]);
  const lines = table([["role", "model", "USD/M", "context", "listed"], ...cells]);
  const notes = rows.flatMap(({ role, guideId, expirationDate, standsFor }) => [
    ...(standsFor ? [`  ${role}: stands for ${standsFor}`] : []),
    ...(guideId ? [`  ${role}: in the setup guide ${guideId}`] : []),
    ...(expirationDate ? [`  ${role}: leaves the catalogue on ${expirationDate.slice(0, 10)}`] : []),
  ]);
  return [lines, ...(notes.length > 0 ? ["", ...notes] : [])].join("\n");
}
