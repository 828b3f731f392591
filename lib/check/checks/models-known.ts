import { distance } from "fastest-levenshtein";
import { outdatedModel } from "../../config/outdated-models";
import { daysBetween } from "../../core/time";
import type { CheckParameters } from "../../model/run-parameters";
import { findModel } from "../../openrouter/model-match";
import type { Model } from "../../openrouter/schemas";
import { combine, type Verdict } from "../../report/finding";
import type { Check } from "../check";

/** The number of days before a model leaves the catalogue from which the check warns. */
const daysBefore = 30;

export const modelsKnown: Check = {
  id: "models.known",
  why: "A model that left the catalogue answers nobody; its name changes more often than one thinks.",
  needs: [],
  async run(context) {
    const catalogue = await context.catalogue();
    const roles = Object.entries({ default: context.parameters.model, ...context.parameters.otherModels });
    const ids = [...new Set(roles.map(([, id]) => id))];
    const points = ids.map((id) => {
      const role = roles.filter(([, other]) => other === id).map(([name]) => `models.${name}`);
      const model = findModel(catalogue, id);
      return model
        ? known(id, model, role, context.parameters.budget, context.now())
        : unknown(id, role, catalogue);
    });
    const first = findModel(catalogue, context.parameters.model);
    return combine(`all ${ids.length} are listed; default ${priceOf(first)} USD a million tokens`, points);
  },
};

function known(
  id: string,
  model: Model,
  role: string[],
  budget: CheckParameters["budget"],
  now: Date,
): Verdict {
  const summary = `${id}, ${priceOf(model)} USD a million tokens`;
  if (model.expirationDate !== undefined) {
    const left = daysBetween(now, model.expirationDate);
    if (!(left > daysBefore)) {
      return {
        status: "warn",
        summary: `${summary}, leaves the catalogue on ${model.expirationDate.slice(0, 10)}`,
        fix: `Choose another model for ${role.join(", ")} before that day: https://openrouter.ai/models`,
      };
    }
  }
  if (
    Math.max(perMillion(model.promptPrice) ?? 0, perMillion(model.completionPrice) ?? 0) > budget.priceCeiling
  ) {
    return {
      status: "warn",
      summary: `${summary}, above the ceiling of ${budget.priceCeiling} USD`,
      fix: `Choose a cheaper model for ${role.join(", ")}, or raise \`budget.priceCeiling\` in the settings.`,
    };
  }
  return { status: "pass", summary };
}

/** The prices of prompt and answer, in USD per million tokens. */
function priceOf(model: Model | undefined): string {
  return [model?.promptPrice, model?.completionPrice].map((price) => perMillion(price) ?? "?").join("/");
}

function perMillion(price: number | undefined): number | undefined {
  return price === undefined ? undefined : Number((price * 1e6).toPrecision(6));
}

function unknown(id: string, role: string[], catalogue: readonly Model[]): Verdict {
  const outdated = outdatedModel(id);
  const nearest = outdated ? outdated.candidates : nearestIds(id, catalogue);
  return {
    status: "fail",
    summary: `${id} is not in the catalogue${outdated ? `: it ${outdated.why}` : ""}`,
    fix: `"Model not found": set ${role.join(", ")} to ${nearest.join(" or ")}, then run \`openclaw-openrouter up\`.`,
  };
}

/** The ids in the catalogue that resemble a given one, ids of the same author first. */
function nearestIds(id: string, catalogue: readonly Model[]): string[] {
  const author = id.split("/")[0];
  const far = (model: Model) => distance(id, model.id) + (model.id.split("/")[0] === author ? 0 : 5);
  return [...catalogue]
    .sort((one, other) => far(one) - far(other))
    .slice(0, 3)
    .map((model) => model.id);
}
