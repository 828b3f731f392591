import { distance } from "fastest-levenshtein";
import { outdatedModel } from "../../config/outdated-models";
import { daysBetween } from "../../core/time";
import { isPresetAlone, isRouted } from "../../model/openclaw/model-id";
import type { CheckParameters } from "../../model/run-parameters";
import { findModel, leavesOn, targetOf } from "../../openrouter/model-match";
import { perMillion, usd } from "../../openrouter/money";
import type { Model } from "../../openrouter/schemas";
import { combine, fail, pass, type Verdict } from "../../report/finding";
import type { Check } from "../check";
import type { CheckContext } from "../context";
import { warningsOf } from "../warnings";

const warn = warningsOf("models.known");

/** The number of days before a model leaves the catalogue from which the check warns. */
const daysBefore = 30;

export const modelsKnown: Check = {
  id: "models.known",
  why: "A model that left the catalogue answers nobody; its name changes more often than one thinks.",
  needs: [],
  async run(context) {
    const { parameters } = context;
    const [catalogue, own] = await Promise.all([context.catalogue(), modelsOfKey(context)]);
    const all = own.models ? [...own.models, ...catalogue] : catalogue;
    const roles = Object.entries({ default: parameters.model, ...parameters.otherModels });
    const ids = [...new Set(roles.map(([, id]) => id))];
    const points = ids.flatMap((id): Verdict | Verdict[] => {
      const role = roles.filter(([, other]) => other === id).map(([name]) => `models.${name}`);
      if (isPresetAlone(id)) return preset(id);
      const model = findModel(all, id);
      if (!model) return unknown(id, role, catalogue);
      const target = targetOf(all, model);
      return own.models && !isRouted(id) && !findModel(own.models, target.id)
        ? excluded(id, role, own.models)
        : known({ id, model, target, role }, parameters.budget, context.now());
    });
    const presets = ids.filter(isPresetAlone).length;
    const listed = presets === 0 ? `all ${ids.length}` : `${ids.length - presets} of ${ids.length}`;
    const others = presets === 0 ? "" : `, ${presets} by a preset of the account`;
    const first = findModel(all, parameters.model);
    return combine(`${listed} are listed${others}; default ${priceOf(first)}`, [
      ...points,
      ...(own.why ? [pass(`which of them this key may use was not compared: ${own.why}`)] : []),
    ]);
  },
};

/** The models that the stored key may use, or why that is not known: the catalogue is read without it. */
async function modelsOfKey(context: CheckContext): Promise<{ models?: Model[]; why?: string }> {
  try {
    return { models: await (await context.openRouter()).listOwnModels() };
  } catch (error) {
    return { why: error instanceof Error ? error.message : String(error) };
  }
}

interface Known {
  readonly id: string;
  readonly model: Model;
  /** The model that an alias stands for, else the model itself. */
  readonly target: Model;
  /** The settings that name it. */
  readonly role: readonly string[];
}

function known({ id, model, target, role }: Known, budget: CheckParameters["budget"], now: Date): Verdict[] {
  const stands = target === model ? "" : ` stands for ${target.id}`;
  const summary = `${id}${stands}, ${priceOf(model)}`;
  const roles = role.join(", ");
  const expirationDate = leavesOn(model, target);
  const prices = [model.promptPrice, model.completionPrice, model.reasoningPrice].map(perMillion);
  const warnings = [
    expirationDate !== undefined &&
      !(daysBetween(now, expirationDate) > daysBefore) &&
      warn(
        `leaves:${id}`,
        `${summary}, leaves the catalogue on ${expirationDate.slice(0, 10)}`,
        `Choose another model for ${roles} before that day: https://openrouter.ai/models`,
      ),
    Math.max(...prices.map((price) => price ?? 0)) > budget.priceCeiling &&
      warn(
        `price:${id}`,
        `${summary}, above the ceiling of ${budget.priceCeiling} USD`,
        `Choose a cheaper model for ${roles}, or raise \`budget.priceCeiling\` in the settings.`,
      ),
    lacksTools(target) &&
      warn(
        `tools:${id}`,
        `${id}${stands} supports no tools, which OpenClaw sends with each call of an agent: OpenRouter refuses such calls`,
        `Set ${roles} to a model with tools: https://openrouter.ai/models?supported_parameters=tools`,
      ),
  ].filter((each) => each !== false);
  return warnings.length > 0 ? warnings : [pass(summary)];
}

function excluded(id: string, role: readonly string[], own: readonly Model[]): Verdict {
  const nearest = nearestIds(id, own).join(" or ") || "one that is permitted: now it may use none";
  return fail(
    `${id} is in the catalogue, but this key may not use it: guardrails, privacy settings or providers of its workspace or account exclude it`,
    `Permit it for the key's workspace at https://openrouter.ai/workspaces and in https://openrouter.ai/settings/privacy, or set ${role.join(", ")} to ${nearest}.`,
  );
}

function preset(id: string): Verdict {
  return pass(`${id} is a preset of the account, which no catalogue lists`);
}

/** Whether no provider of a model supports tools, by the catalogue: a chat of the check sends none, and so is answered. */
function lacksTools({ supportedParameters }: Model): boolean {
  return supportedParameters.length > 0 && !supportedParameters.includes("tools");
}

/** The prices of prompt and answer, in USD per million tokens. */
function priceOf(model: Model | undefined): string {
  const prices = [model?.promptPrice, model?.completionPrice].map(perMillion);
  if (prices.every((price) => price === undefined)) return "at a price known only by each answer";
  const perCall = model?.requestPrice ? `, ${usd(model.requestPrice)} a call` : "";
  return `${prices.map((price) => price ?? "?").join("/")} USD a million tokens${perCall}`;
}

function unknown(id: string, role: string[], catalogue: readonly Model[]): Verdict {
  const outdated = outdatedModel(id);
  const nearest = outdated ? outdated.candidates : nearestIds(id, catalogue);
  return fail(
    `${id} is not in the catalogue${outdated ? `: it ${outdated.why}` : ""}`,
    `"Model not found": set ${role.join(", ")} to ${nearest.join(" or ")}, then run \`openclaw-openrouter up\`.`,
  );
}

/** The ids in the catalogue that resemble a given one, ids of the same author first. */
function nearestIds(id: string, catalogue: readonly Model[]): string[] {
  // `~author/family-latest` is the author's as well.
  const authorOf = (other: string) => other.replace("~", "").split("/")[0];
  const far = (model: Model) => distance(id, model.id) + (authorOf(model.id) === authorOf(id) ? 0 : 5);
  return [...catalogue]
    .sort((one, other) => far(one) - far(other))
    .slice(0, 3)
    .map((model) => model.id);
}
