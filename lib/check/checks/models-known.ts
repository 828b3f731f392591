import { distance } from "fastest-levenshtein";
import { outdatedModel } from "../../model/models";
import type { Model } from "../../openrouter/schemas";
import { type Check, combine, type Point } from "../check";
import type { CheckParameters } from "../../model/run-parameters";
import { findModel } from "../model-match";

const day = 86_400_000;
/** How long before a model leaves the catalogue it is warned of. */
const daysBefore = 30;

export const modelsKnown: Check = {
  id: "models.known",
  why: "A model that left the catalogue answers nobody; its name changes more often than one thinks.",
  needs: [],
  async run(context) {
    const catalogue = await context.catalogue();
    const roles = Object.entries({ default: context.parameters.model, ...context.parameters.otherModels });
    const ids = [...new Set(roles.map(([, id]) => id))];
    return combine(
      ids.map((id) => {
        const role = roles.filter(([, other]) => other === id).map(([name]) => `models.${name}`);
        const model = findModel(catalogue, id);
        return model ? known(id, model, role, context.parameters.budget, context.now()) : unknown(id, role, catalogue);
      }),
    );
  },
};

function known(id: string, model: Model, role: string[], budget: CheckParameters["budget"], now: Date): Point {
  const prices = [model.promptPrice, model.completionPrice].map((price) =>
    price === undefined ? undefined : price * 1e6,
  );
  const seen = `${id} ${prices.map((price) => (price === undefined ? "?" : Number(price.toPrecision(4)))).join("/")} USD`;
  if (model.expirationDate !== undefined) {
    const left = (Date.parse(model.expirationDate) - now.getTime()) / day;
    if (!(left > daysBefore)) {
      return {
        status: "warn",
        seen: `${seen}, leaves the catalogue on ${model.expirationDate.slice(0, 10)}`,
        remedy: `Choose another model for ${role.join(", ")} before that day: https://openrouter.ai/models`,
      };
    }
  }
  if (prices.some((price) => price !== undefined && price > budget.priceCeiling)) {
    return {
      status: "warn",
      seen: `${seen}, above the ceiling of ${budget.priceCeiling} USD`,
      remedy: `Choose a cheaper model for ${role.join(", ")}, or raise \`budget.priceCeiling\` in the settings.`,
    };
  }
  return { status: "pass", seen: role.length > 0 ? seen : id };
}

function unknown(id: string, role: string[], catalogue: readonly Model[]): Point {
  const outdated = outdatedModel(id);
  const nearest = outdated ? outdated.candidates : nearestIds(id, catalogue);
  return {
    status: "fail",
    seen: `${id} is not in the catalogue${outdated ? `: it ${outdated.why}` : ""}`,
    remedy: `"Model not found": set ${role.join(", ")} to ${nearest.join(" or ")}, then run \`npx openclaw-openrouter up\`.`,
  };
}

/** Ids of the catalogue that resemble one: those of the same author first. */
function nearestIds(id: string, catalogue: readonly Model[]): string[] {
  const author = id.split("/")[0];
  const far = (model: Model) => distance(id, model.id) + (model.id.split("/")[0] === author ? 0 : 5);
  return [...catalogue]
    .sort((one, other) => far(one) - far(other))
    .slice(0, 3)
    .map((model) => model.id);
}
