import type * as Answers from "../../lib/sandbox/answers";
import type * as Catalogue from "../../lib/sandbox/catalogue";
import type * as Completion from "../../lib/sandbox/completion";
import type * as Keys from "../../lib/sandbox/keys";
import type * as Usage from "../../lib/sandbox/usage";
import type * as Workspaces from "../../lib/sandbox/workspaces";

/** A sandbox with one thing wrong. */
interface Mutant {
  readonly name: string;
  /** The module of lib/sandbox in which something is replaced. */
  readonly module: string;
  // biome-ignore lint/suspicious/noExplicitAny: each mutant knows its own module.
  readonly mutate: (actual: any) => object;
  /** The step of the judge that has to see it. */
  readonly caughtBy: string;
}

const without = (value: unknown, ...names: string[]) =>
  Object.fromEntries(Object.entries(value as object).filter(([name]) => !names.includes(name)));

/** A refusal with another status, where the message matches. */
const refusalAs = (pattern: RegExp, status: number) => (actual: typeof Answers) => ({
  Refusal: class extends actual.Refusal {
    constructor(code: number, message: string, details?: Answers.ErrorDetails) {
      super(pattern.test(message) ? status : code, message, details);
    }
  },
});

export const mutants: readonly Mutant[] = [
  {
    name: "a field of the key's metadata is dropped",
    module: "keys",
    mutate: (actual: typeof Keys) => ({
      currentKeyData: (...args: Parameters<typeof Keys.currentKeyData>) =>
        without(actual.currentKeyData(...args), "workspace_id"),
    }),
    caughtBy: "the key's metadata",
  },
  {
    name: "unlimited is given as zero",
    module: "keys",
    mutate: (actual: typeof Keys) => ({
      currentKeyData: (...args: Parameters<typeof Keys.currentKeyData>) => {
        const data = actual.currentKeyData(...args) as { limit: number | null };
        return { ...data, limit: data.limit ?? 0 };
      },
    }),
    caughtBy: "an unlimited key",
  },
  {
    name: "a disabled key still works",
    module: "keys-api",
    mutate: () => ({
      changeKey: (world: never, hash: string, body: object) =>
        jest.requireActual("../../lib/sandbox/keys-api").changeKey(world, hash, without(body, "disabled")),
    }),
    caughtBy: "the keys API",
  },
  {
    name: "an ordinary key reads the account's credit",
    module: "keys",
    mutate: (actual: typeof Keys) => ({ authenticateManager: actual.authenticate }),
    caughtBy: "the account's credit, by an ordinary key",
  },
  {
    name: "the monthly reset is forgotten",
    module: "usage",
    mutate: (actual: typeof Usage) => ({
      rollOver: (usage: Usage.Usage, now: Date) => ({
        ...actual.rollOver(usage, now),
        monthly: usage.monthly,
      }),
    }),
    caughtBy: "counters and limits start again",
  },
  {
    name: "the week begins on Sunday",
    module: "usage",
    mutate: (actual: typeof Usage) => ({
      rollOver: (usage: Usage.Usage, now: Date) => {
        const later = (time: Date) => new Date(time.getTime() + 86_400_000);
        const shifted = actual.rollOver(
          { ...usage, at: later(new Date(usage.at)).toISOString() },
          later(now),
        );
        return { ...actual.rollOver(usage, now), weekly: shifted.weekly };
      },
    }),
    caughtBy: "counters and limits start again",
  },
  {
    name: "a chat costs nothing",
    module: "usage",
    mutate: (actual: typeof Usage) => ({
      charge: (usage: Usage.Usage, _cost: number, now: Date) => actual.rollOver(usage, now),
    }),
    caughtBy: "its debit",
  },
  {
    name: "a spent limit answers 402",
    module: "answers",
    mutate: refusalAs(/^Key limit exceeded/, 402),
    caughtBy: "a spent limit is free again",
  },
  {
    name: "an unknown model answers 404",
    module: "answers",
    mutate: refusalAs(/not a valid model/, 404),
    caughtBy: "an unknown model",
  },
  {
    name: "prices are numbers",
    module: "catalogue",
    mutate: (actual: typeof Catalogue) => ({
      modelsBody: (models: Catalogue.CatalogueModel[], query: URLSearchParams) => {
        const body = actual.modelsBody(models, query) as {
          data: { pricing: { prompt: string; completion: string } }[];
        };
        const numbers = (pricing: { prompt: string; completion: string }) => ({
          prompt: Number(pricing.prompt),
          completion: Number(pricing.completion),
        });
        return { ...body, data: body.data.map((entry) => ({ ...entry, pricing: numbers(entry.pricing) })) };
      },
    }),
    caughtBy: "the catalogue",
  },
  {
    name: "the twin of a paid model costs as much",
    module: "catalogue",
    mutate: (actual: typeof Catalogue) => ({
      initialCatalogue: actual.initialCatalogue.map((entry) =>
        entry.id.endsWith(":free") ? { ...entry, promptPrice: "0.1" } : entry,
      ),
    }),
    caughtBy: "the catalogue",
  },
  {
    name: "the budget of a workspace is forgotten",
    module: "workspaces",
    mutate: () => ({ assertBudget: () => undefined }),
    caughtBy: "workspaces",
  },
  {
    name: "every workspace lists the keys of the default one",
    module: "workspaces",
    mutate: (actual: typeof Workspaces) => ({
      findWorkspace: (world: never) => actual.findWorkspace(world, undefined),
    }),
    caughtBy: "workspaces",
  },
  {
    name: "an own key's cost counts as OpenRouter's",
    module: "completion",
    mutate: (actual: typeof Completion) => ({
      completionBody: (completion: Completion.Completion) =>
        actual.completionBody({ ...completion, isByok: false }),
    }),
    caughtBy: "an own key of a provider",
  },
  {
    name: "an expired model stays",
    module: "catalogue",
    mutate: () => ({ listed: (catalogue: Catalogue.CatalogueModel[]) => catalogue }),
    caughtBy: "a model that expires",
  },
  {
    name: "a stream has no usage",
    module: "completion",
    mutate: (actual: typeof Completion) => ({
      streamBody: (completion: Completion.Completion) =>
        actual.streamBody(completion).replace(/data: [^\n]*"usage"[^\n]*\n\n/, ""),
    }),
    caughtBy: "a stream",
  },
  {
    name: "a stream has no end",
    module: "completion",
    mutate: (actual: typeof Completion) => ({
      streamBody: (completion: Completion.Completion) =>
        actual.streamBody(completion).replace("data: [DONE]\n\n", ""),
    }),
    caughtBy: "a stream",
  },
];
