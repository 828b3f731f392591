import { z } from "zod";
import { type Answer, json, Refusal } from "./answers";
import { faultSchema } from "./faults";
import { addKey, findKey } from "./keys";
import type { World } from "./world";

/** The path of the endpoints that OpenRouter does not have: they configure and inspect the sandbox. */
export const controlPath = "/_sandbox";

/** The answer of `GET /_sandbox`, which distinguishes a sandbox from any other server. */
export const identity = { sandbox: "openclaw-openrouter", version: 1 } as const;

const keyFields = z.strictObject({
  key: z.string().min(1),
  name: z.string().optional(),
  management: z.boolean().optional(),
  disabled: z.boolean().optional(),
  limit: z.number().nonnegative().nullable().optional(),
  limitReset: z.enum(["daily", "weekly", "monthly"]).nullable().optional(),
  expiresAt: z.iso.datetime({ offset: true }).nullable().optional(),
  /** The amount spent so far, in USD. */
  usage: z
    .strictObject({ total: z.number(), daily: z.number(), weekly: z.number(), monthly: z.number() })
    .optional(),
});
const accountFields = z.strictObject({ totalCredits: z.number(), totalUsage: z.number() }).partial();
const clockFields = z.strictObject({ now: z.iso.datetime({ offset: true }).nullable() });
const modelFields = z.strictObject({
  id: z.string(),
  remove: z.boolean().optional(),
  promptPrice: z.string().optional(),
  completionPrice: z.string().optional(),
  expirationDate: z.iso.date().nullable().optional(),
});

/** A new key, or changes to a known one. */
export type KeyFields = z.input<typeof keyFields>;
/** The account's balance. */
export type AccountFields = z.input<typeof accountFields>;
/** Changes to the catalogue. */
export type ModelFields = z.input<typeof modelFields>;

/**
 * Answers a request under `/_sandbox`.
 * @throws {Refusal} 400, 404
 */
export function control(world: World, method: string, path: string, body: unknown): Answer {
  switch (`${method} ${path.slice(controlPath.length)}`) {
    case "GET ":
      return json(200, { ...identity, pid: process.pid });
    case "GET /requests":
      return json(200, world.requests);
    case "DELETE /requests":
      world.requests = [];
      return done();
    case "PUT /clock": {
      const { now } = parse(clockFields, body);
      world.clock.set(now === null ? undefined : new Date(now));
      return done();
    }
    case "POST /faults":
      world.faults.add(parse(faultSchema, body));
      return done();
    case "DELETE /faults":
      world.faults.clear();
      return done();
    case "PUT /keys":
      putKey(world, parse(keyFields, body));
      return done();
    case "PUT /account":
      Object.assign(world.state.account, parse(accountFields, body));
      world.save();
      return done();
    case "PUT /models":
      putModel(world, parse(modelFields, body));
      return done();
    default:
      throw new Refusal(404, `The sandbox has no ${method} ${path}`);
  }
}

function done(): Answer {
  return json(200, { done: true });
}

function putKey(world: World, { key, usage, ...fields }: z.output<typeof keyFields>): void {
  const record = findKey(world, key) ?? addKey(world, key);
  Object.assign(record, fields);
  if (usage) record.usage = { ...usage, at: world.now().toISOString() };
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
