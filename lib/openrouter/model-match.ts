import { isLatestAlias, isRouted, isRoutingVariant, parseModelId } from "../model/openclaw/model-id";
import type { Model } from "./schemas";

/**
 * The catalogue's entry for an id. The exact id wins over a permanent name, which a model shares with its `:free` twin.
 * @returns undefined also for a preset alone, which no catalogue lists
 */
export function findModel(catalogue: readonly Model[], id: string): Model | undefined {
  const { base, variant } = parseModelId(id);
  if (base === "") return undefined;
  const model = variant === undefined ? base : `${base}:${variant}`;
  return (
    byId(catalogue, model) ??
    bySlug(catalogue, base, variant) ??
    (isRoutingVariant(variant) ? (byId(catalogue, base) ?? bySlug(catalogue, base, undefined)) : undefined)
  );
}

function byId(catalogue: readonly Model[], id: string): Model | undefined {
  return catalogue.find((model) => model.id === id);
}

function bySlug(catalogue: readonly Model[], slug: string, variant: string | undefined): Model | undefined {
  return catalogue.find(
    (model) => model.canonicalSlug === slug && parseModelId(model.id).variant === variant,
  );
}

/** The model that an alias stands for; an entry that is no alias stands for itself. */
export function targetOf(catalogue: readonly Model[], model: Model): Model {
  return (model.aliasTarget === undefined ? undefined : findModel(catalogue, model.aliasTarget)) ?? model;
}

/** The day on which a model, or the one that its alias stands for, leaves the catalogue; undefined if none is set. */
export function leavesOn(model: Model, target: Model): string | undefined {
  return model.expirationDate ?? target.expirationDate;
}

/**
 * Who answered a call: `itself`, the requested model or what its alias stands for; `routed`, one that OpenRouter or a preset
 * was asked to choose; `other`; `unclear` if the names differ and no catalogue tells whether they are one model's.
 */
export type Answerer = "itself" | "routed" | "other" | "unclear";

/** A finished call. */
interface Answered {
  readonly asked: string;
  /** The model that the answer names. */
  readonly answered: string;
  /** USD; undefined if OpenRouter did not report it. */
  readonly cost?: number | undefined;
}

export function whoAnswered(catalogue: readonly Model[], { asked, answered, cost }: Answered): Answerer {
  if (asked === answered) return "itself";
  if (isRouted(asked)) {
    const { base, preset } = parseModelId(asked);
    const isNamed = preset !== undefined && base !== "" && !isRouted(base);
    return isNamed && isSameBase(catalogue, base, parseModelId(answered).base) ? "itself" : "routed";
  }
  if (isLatestAlias(asked)) return byAlias(catalogue, asked, answered);
  const wanted = parseModelId(asked);
  const got = parseModelId(answered);
  if (!isSameBase(catalogue, wanted.base, got.base))
    return catalogue.length === 0 && authorOf(asked) === authorOf(answered) ? "unclear" : "other";
  return isSameVariant(wanted.variant, got.variant, cost) ? "itself" : "other";
}

/** An answer may leave out the variant, but a paid model is not its free twin. */
function isSameVariant(asked: string | undefined, answered: string | undefined, cost?: number): boolean {
  if (asked === answered) return true;
  if (answered === undefined) return asked !== "free" || !cost;
  return isRoutingVariant(answered) && isRoutingVariant(asked);
}

function isSameBase(catalogue: readonly Model[], one: string, other: string): boolean {
  const [model, otherModel] = [findModel(catalogue, one), findModel(catalogue, other)];
  if (model && otherModel) return model.canonicalSlug === otherModel.canonicalSlug;
  const names = namesOf(model, one);
  return namesOf(otherModel, other).some((name) => names.some((same) => isSameName(name, same)));
}

function namesOf(model: Model | undefined, base: string): string[] {
  return model ? [base, parseModelId(model.id).base, model.canonicalSlug] : [base];
}

/** `anthropic/claude-4.5-haiku-20251001` and `anthropic/claude-haiku-4.5` are one name; two dates are two. */
function isSameName(one: string, other: string): boolean {
  if (one === other) return true;
  return !(snapshot.test(one) && snapshot.test(other)) && sorted(one) === sorted(other);
}

const snapshot = /-(20\d{6}|20\d\d-\d\d-\d\d)$/;

function sorted(name: string): string {
  const [author, model = ""] = name.split("/");
  return [author, ...wordsOf(model).sort()].join(" ");
}

function wordsOf(model: string): string[] {
  return model.replace(snapshot, "").split("-");
}

function authorOf(id: string): string {
  return parseModelId(id).base.split("/")[0]!;
}

function byAlias(catalogue: readonly Model[], alias: string, answered: string): Answerer {
  const target = findModel(catalogue, alias)?.aliasTarget;
  const base = parseModelId(answered).base;
  if (target !== undefined)
    return isSameBase(catalogue, parseModelId(target).base, base) ? "itself" : "other";
  return isOfFamily(parseModelId(alias).base, base) ? "itself" : "other";
}

/** Without the alias's target: the same author, and no words but the family's and a version. */
function isOfFamily(alias: string, answered: string): boolean {
  const [author, family = ""] = alias.slice(1).split("/");
  const [otherAuthor, model = ""] = answered.split("/");
  const words = family.split("-").filter((word) => word !== "latest");
  const rest = wordsOf(model).filter((word) => !words.includes(word));
  return (
    author === otherAuthor &&
    words.every((word) => wordsOf(model).includes(word)) &&
    rest.every((word) => /^v?\d[\d.]*$/.test(word))
  );
}
