import { defined } from "../../core/defined";
import { itemsOf, membersOf, type Placed, stringAt, valueAt } from "./merged-config";

/** A place of the gateway's configuration that names a model. */
interface ModelUse {
  /** Who uses it, such as `agent main` or `the heartbeat of agent main`. */
  readonly who: string;
  /** The path in the configuration, such as `agents.entries.main.model.primary`. */
  readonly name: string;
  readonly file: string;
  readonly line: number;
  /** The model as the gateway resolves it, `provider/model`. */
  readonly model: string;
  /** The stored credential that the place pins, as in `provider/model@profile`. @default none */
  readonly profile?: string;
}

/** A list that does not allow the declared model. */
export interface AllowList {
  readonly who: string;
  readonly name: string;
  readonly file: string;
  readonly line: number;
}

/** An agent with the model that it starts with. */
interface Agent {
  readonly id: string;
  /** `provider/model`; undefined if no model is configured. */
  readonly model?: string;
  /** The place of the agent's own model. @default it uses the defaults' */
  readonly own?: ModelUse;
  /** Whether its own model leaves it without the declared fallback, since a model without a list of fallbacks has none. */
  readonly losesFallback?: true;
}

export interface GatewayModels {
  readonly agents: readonly Agent[];
  /** Every place that names a model. */
  readonly uses: readonly ModelUse[];
  readonly allowLists: readonly AllowList[];
  /** The model by alias, in lower case. */
  readonly aliases: ReadonlyMap<string, string>;
}

/** What a place is for, by its path; the first that matches. */
const purposes: readonly (readonly [RegExp, string])[] = [
  [/^agents\.defaults\.model\.fallbacks/, "the fallback of"],
  [/^agents\.defaults\.model/, ""],
  [/(^|\.)subagents\.model/, "the sub-agents of"],
  [/(^|\.)heartbeat\.model/, "the heartbeat of"],
  [/(^|\.)compaction\./, "the compaction of"],
  [/(^|\.)utilityModel/, "short tasks of"],
  [/(^|\.)imageModel/, "images for"],
  [/(^|\.)pdfModel/, "PDF files for"],
];

/**
 * Every model that the gateway's configuration names, and who uses it.
 * @param declared the declared default model as the gateway names it, `openrouter/…`
 */
export function gatewayModels(config: Placed, declared: string): GatewayModels {
  const aliases = aliasesOf(config);
  const agents = agentsOf(config);
  const ids = new Map(agents.map(({ path, id }) => [path, id]));
  const uses = [...walk(config, [], ids, aliases)];
  const usesByName = new Map(uses.map((use) => [use.name, use]));
  const defaults = primaryOf(valueAt(config, ["agents", "defaults", "model"]));
  return {
    agents: agents.map(({ id, path, config: own }) => {
      const model = valueAt(own, ["model"]);
      const use = usesByName.get(`${path}.model`) ?? usesByName.get(`${path}.model.primary`);
      const resolved =
        use?.model ?? (defaults === undefined ? undefined : resolveModel(defaults, aliases).model);
      const losesFallback = use && !membersOf(model).has("fallbacks");
      return { id, ...defined({ model: resolved, own: use, losesFallback: losesFallback || undefined }) };
    }),
    uses,
    allowLists: scopesOf(config, agents).flatMap((scope) => [...allowList(config, scope, declared, aliases)]),
    aliases,
  };
}

/**
 * Resolves a model as the gateway does: an alias to its model; a name without a provider stays as written.
 * @param reference `provider/model`, an alias, or either with `@profile`
 */
export function resolveModel(
  reference: string,
  aliases: ReadonlyMap<string, string>,
): { readonly model: string; readonly profile?: string } {
  const text = reference.trim();
  // A preset of OpenRouter's, `openrouter/@preset/name`, has its own `@` at the start of a part.
  const [, model = text, profile] = /^(.*[^/])@([^@/]+)$/.exec(text) ?? [];
  return { model: aliases.get(model.toLowerCase()) ?? model, ...(profile === undefined ? {} : { profile }) };
}

/** OpenRouter's id of a model, as the gateway sends it; undefined for a model of another provider. */
export function openRouterId(model: string): string | undefined {
  const [, id] = /^openrouter\/(.+)$/i.exec(model) ?? [];
  // The gateway keeps the prefix of OpenRouter's own routers, such as openrouter/auto.
  return id === undefined || id.includes("/") ? id : `openrouter/${id}`;
}

interface FoundAgent {
  readonly id: string;
  readonly path: string;
  readonly config: Placed | undefined;
}

/** The configured agents; `main` if there is none. Older configurations have a list of them. */
function agentsOf(config: Placed): FoundAgent[] {
  const entries = [...membersOf(valueAt(config, ["agents", "entries"]))].map(([id, own]) => ({
    id,
    path: `agents.entries.${id}`,
    config: own,
  }));
  const list = itemsOf(valueAt(config, ["agents", "list"])).map((own, index) => ({
    id: stringAt(valueAt(own, ["id"])) ?? "main",
    path: `agents.list.${index}`,
    config: own,
  }));
  const all = [...entries, ...list];
  return all.length > 0 ? all : [{ id: "main", path: "agents.entries.main", config: undefined }];
}

function aliasesOf(config: Placed): Map<string, string> {
  const models = [
    valueAt(config, ["agents", "defaults", "models"]),
    ...agentsOf(config).map(({ config: own }) => valueAt(own, ["models"])),
  ];
  return new Map(
    models.flatMap((each) =>
      [...membersOf(each)].flatMap(([model, settings]) => {
        const alias = stringAt(valueAt(settings, ["alias"]));
        return alias === undefined ? [] : [[alias.trim().toLowerCase(), model] as const];
      }),
    ),
  );
}

function primaryOf(model: Placed | undefined): string | undefined {
  return stringAt(model) ?? stringAt(valueAt(model, ["primary"]));
}

/** The parts that define models, or say what plugins may choose, but use none. */
const defining =
  /^(models|secrets|meta|bindings)$|^agents\.(defaults|entries\.[^.]+|list\.\d+)\.(models|modelPolicy)$/;

/**
 * @param agents the agents' ids by path
 * @param provider the one that is named beside the value
 * @param around the id of the agent that the value belongs to
 */
function* walk(
  at: Placed,
  path: readonly string[],
  agents: ReadonlyMap<string, string>,
  aliases: ReadonlyMap<string, string>,
  provider?: string,
  around?: string,
): Generator<ModelUse> {
  const name = path.join(".");
  if (defining.test(name)) return;
  // A channel or plugin that is switched off uses nothing.
  if (valueAt(at, ["enabled"])?.value === false) return;
  const agent = around ?? agents.get(name);
  if (namesModel(path)) {
    yield* namedIn(at, name, agent, aliases, provider);
    return;
  }
  // Some places have the provider beside the model.
  const beside = stringAt(valueAt(at, ["provider"]));
  for (const [key, value] of membersOf(at))
    yield* walk(value, [...path, key], agents, aliases, beside, agent);
  for (const [index, value] of itemsOf(at).entries())
    yield* walk(value, [...path, String(index)], agents, aliases, undefined, agent);
}

function namesModel(path: readonly string[]): boolean {
  const last = path.at(-1) ?? "";
  if (/^channels\.modelByChannel\.[^.]+$/.test(path.slice(0, 3).join(".")) && path.length === 4) return true;
  return /^(model|modelFallback|[a-z]+Model)$/.test(last) || /(^|\.)mediaModels\.[^.]+$/.test(path.join("."));
}

function* namedIn(
  at: Placed,
  name: string,
  agent: string | undefined,
  aliases: ReadonlyMap<string, string>,
  provider: string | undefined,
): Generator<ModelUse> {
  const use = (part: Placed | undefined, path: string) => {
    const reference = stringAt(part)?.trim();
    // An empty name switches such a use off.
    if (!part || !reference) return [];
    const { file, line } = part;
    const isWhole = provider === undefined || reference.includes("/");
    return [
      {
        who: userOf(path, agent),
        name: path,
        file,
        line,
        ...resolveModel(isWhole ? reference : `${provider}/${reference}`, aliases),
      },
    ];
  };
  yield* use(at, name);
  yield* use(valueAt(at, ["primary"]), `${name}.primary`);
  for (const [index, each] of itemsOf(valueAt(at, ["fallbacks"])).entries())
    yield* use(each, `${name}.fallbacks.${index}`);
}

function userOf(path: string, agent: string | undefined): string {
  const [, channel, peer] = /^channels\.modelByChannel\.([^.]+)\.(.+)$/.exec(path) ?? [];
  if (channel !== undefined) return `${channel} ${peer}`;
  const purpose = purposes.find(([form]) => form.test(path))?.[1];
  const owner = agent === undefined ? "every agent" : `agent ${agent}`;
  if (purpose !== undefined) return `${purpose} ${owner}`.trim();
  if (agent === undefined) return path;
  return /^agents\.[^.]+\.[^.]+\.model(\.primary)?$/.test(path) ? owner : `${owner} (${path})`;
}

/** A part of the configuration that can restrict models. */
interface Scope {
  readonly own: Placed | undefined;
  readonly path: string;
  readonly who: string;
}

function scopesOf(config: Placed, agents: readonly FoundAgent[]): Scope[] {
  return [
    { own: valueAt(config, ["agents", "defaults"]), path: "agents.defaults", who: "chats" },
    ...agents.map(({ id, path, config: own }) => ({ own, path, who: `chats of agent ${id}` })),
  ];
}

/** The list of a scope that does not allow the declared model: an explicit one, or, before its migration, the models' settings. */
function* allowList(
  config: Placed,
  { own, path, who }: Scope,
  declared: string,
  aliases: ReadonlyMap<string, string>,
): Generator<AllowList> {
  const policy = valueAt(own, ["modelPolicy", "allow"]);
  const models = valueAt(own, ["models"]);
  const isMigrated =
    valueAt(own, ["modelPolicy"]) !== undefined ||
    valueAt(config, ["meta", "migrations", "modelPolicyAllowlist"])?.value === true;
  const legacy = isMigrated ? undefined : models;
  const [place, name, allowed] = policy
    ? [policy, `${path}.modelPolicy.allow`, itemsOf(policy).flatMap((item) => stringAt(item) ?? [])]
    : [legacy, `${path}.models`, [...membersOf(legacy).keys()]];
  if (!place || allowed.length === 0) return;
  const allows = (entry: string) => {
    const { model } = resolveModel(entry, aliases);
    if (model.endsWith("/*")) return declared.toLowerCase().startsWith(model.slice(0, -1).toLowerCase());
    return (openRouterId(model) ?? model).toLowerCase() === openRouterId(declared)?.toLowerCase();
  };
  if (!allowed.some(allows)) yield { who, name, file: place.file, line: place.line };
}
