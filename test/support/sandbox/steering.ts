import { z } from "zod";
import { type Answer, json, Refusal } from "../../../lib/sandbox/answers";
import type { ApiRequest, SandboxExtension } from "../../../lib/sandbox/extension";
import { addKey, findKey } from "../../../lib/sandbox/keys";
import { controlPath } from "../../../lib/sandbox/server";
import { findWorkspace } from "../../../lib/sandbox/workspaces";
import type { RequestEntry, World } from "../../../lib/sandbox/world";
import { answerOf, disturb, Faults, faultSchema } from "./faults";
import { transmit } from "./transport";

const usageFields = z.strictObject({
  total: z.number(),
  daily: z.number(),
  weekly: z.number(),
  monthly: z.number(),
});
const keyFields = z.strictObject({
  key: z.string().min(1),
  name: z.string().optional(),
  management: z.boolean().optional(),
  disabled: z.boolean().optional(),
  limit: z.number().nonnegative().nullable().optional(),
  limitReset: z.enum(["daily", "weekly", "monthly"]).nullable().optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  /** The amount spent so far, in USD. */
  usage: usageFields.optional(),
  /** What providers charged to keys of the account's own (BYOK), in USD. */
  byokUsage: usageFields.optional(),
  includeByokInLimit: z.boolean().optional(),
  workspaceId: z.string().optional(),
});
const accountFields = z
  .strictObject({
    totalCredits: z.number(),
    totalUsage: z.number(),
    byokAuthors: z.array(z.string()),
    presets: z.record(z.string(), z.string()),
  })
  .partial();
const workspaceFields = z.strictObject({
  id: z.string(),
  monthlyBudget: z.number().nullable().optional(),
  allowedModels: z.array(z.string()).nullable().optional(),
});
const clockFields = z.strictObject({ now: z.iso.datetime({ offset: true }).nullable() });
const modelFields = z.strictObject({
  id: z.string(),
  remove: z.boolean().optional(),
  promptPrice: z.string().optional(),
  completionPrice: z.string().optional(),
  expirationDate: z.iso.date().nullable().optional(),
  reasoning: z.enum(["none", "optional", "mandatory"]).optional(),
});

/** A new key, or changes to a known one. */
export type KeyFields = z.input<typeof keyFields>;
/** The account's balance. */
export type AccountFields = z.input<typeof accountFields>;
/** Changes to a workspace. */
export type WorkspaceFields = z.input<typeof workspaceFields>;
/** Changes to the catalogue. */
export type ModelFields = z.input<typeof modelFields>;

/** The number of logged requests. */
const logLength = 1000;

type Chat = Parameters<SandboxExtension["chat"]>;

/** Steers a sandbox: faults on demand, a clock that can be stopped, a log of the requests, and endpoints for all of it. */
export class Steering implements SandboxExtension {
  private readonly faults = new Faults();
  private requests: RequestEntry[] = [];
  /** The time at which the clock stands. Undefined: the machine's clock. */
  private stopped: Date | undefined;

  constructor(private readonly world: World) {}

  now(): Date {
    return this.stopped ?? new Date();
  }

  log(entry: RequestEntry): void {
    this.requests = [...this.requests, entry].slice(-logLength);
  }

  call(request: ApiRequest, usual: () => Answer): Answer {
    const fault = this.faults.take(request, undefined);
    return fault ? disturb(answerOf(fault) ?? usual(), fault) : usual();
  }

  chat(request: Chat[0], models: Chat[1], complete: Chat[2]): Answer {
    let failed: Answer | undefined;
    for (const model of models) {
      const fault = this.faults.take(request, model.id);
      if (!fault) return complete(model);
      const instead = answerOf(fault);
      if (!instead) return disturb(complete(model, fault), fault);
      failed = disturb(instead, fault);
      // A server-side fallback does not help against a bad request, key or budget.
      if (instead.status < 404) return failed;
    }
    return failed!;
  }

  send = transmit;

  /**
   * Answers a request under `/_sandbox`.
   * @throws {Refusal} 400, 404
   */
  control(method: string, path: string, body: unknown): Answer {
    const { world, faults } = this;
    switch (`${method} ${path.slice(controlPath.length)}`) {
      case "GET /requests":
        return json(200, this.requests);
      case "DELETE /requests":
        this.requests = [];
        return done();
      case "PUT /clock": {
        const { now } = parse(clockFields, body);
        this.stopped = now === null ? undefined : new Date(now);
        return done();
      }
      case "POST /faults":
        faults.add(parse(faultSchema, body));
        return done();
      case "DELETE /faults":
        faults.clear();
        return done();
      case "PUT /keys":
        putKey(world, parse(keyFields, body));
        return done();
      case "PUT /account":
        Object.assign(world.state.account, parse(accountFields, body));
        world.save();
        return done();
      case "PUT /workspaces": {
        const { id, ...fields } = parse(workspaceFields, body);
        Object.assign(findWorkspace(world, id), fields);
        world.save();
        return done();
      }
      case "PUT /models":
        putModel(world, parse(modelFields, body));
        return done();
      default:
        throw new Refusal(404, `The sandbox has no ${method} ${path}`);
    }
  }
}

function done(): Answer {
  return json(200, { done: true });
}

function putKey(world: World, { key, usage, byokUsage, ...fields }: z.output<typeof keyFields>): void {
  const record = findKey(world, key) ?? addKey(world, key);
  Object.assign(record, fields);
  const at = world.now().toISOString();
  if (usage) record.usage = { ...usage, at };
  if (byokUsage) record.byokUsage = { ...byokUsage, at };
  world.save();
}

function putModel(world: World, { id, remove, ...fields }: z.output<typeof modelFields>): void {
  const model = world.catalogue.find((candidate) => candidate.id === id);
  if (!model) throw new Refusal(404, `The catalogue has no ${id}`);
  const others = world.catalogue.filter((candidate) => candidate !== model);
  world.catalogue = remove ? others : [...others, { ...model, ...fields } as typeof model];
}

function parse<T extends z.ZodType>(schema: T, body: unknown): z.output<T> {
  const result = schema.safeParse(body);
  if (result.success) return result.data;
  throw new Refusal(
    400,
    result.error.issues.map((issue) => `${issue.path.join(".")}: ${issue.message}`).join("; "),
  );
}
