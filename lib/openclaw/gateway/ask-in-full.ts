import { z } from "zod";
import { quote } from "../../core/text";
import { type AskOptions, questions, text } from "./ask";

/** A list of objects with these fields. */
const list = <T extends z.ZodRawShape>(fields: T) => z.array(z.object(fields)).max(500);

const audit = z.object({
  findings: list({ code: text.nullish(), message: z.string().nullish(), file: text.nullish() }),
});
const sessions = z.object({
  sessions: list({ key: text, modelOverride: text.nullish(), providerOverride: text.nullish() }),
});
const payload = z.object({ model: text.nullish() });
const jobs = z.object({ jobs: list({ id: text, name: text, enabled: z.boolean(), payload }) });
type Chat = z.output<typeof sessions>["sessions"][number];
type Job = z.output<typeof jobs>["jobs"][number];
const lint = z.object({
  findings: list({ checkId: text, severity: text, message: z.string(), path: text.nullish() }),
});

/** A chat or a job that keeps a model of its own in OpenClaw's database. */
interface StoredModel {
  /** Such as `the chat agent:main:main`. */
  readonly who: string;
  /** As OpenClaw stores it: `provider/model`, or an alias. */
  readonly model: string;
  /** How a person gives it up. */
  readonly fix: string;
}

/** What OpenClaw's own commands tell of its state. */
export interface GatewayFindings {
  readonly findings: readonly string[];
  readonly storedModels: readonly StoredModel[];
  /** Whether the secrets of exec providers were resolved too. */
  readonly askedProviders: boolean;
  /** Why a question has no answer. */
  readonly unanswered: readonly string[];
}

/** Chats that nobody used for so long say nothing about what is spent; in minutes. */
const recent = 30 * 24 * 60;

/**
 * Runs OpenClaw's own checks, and asks for the chats and jobs that keep a model of their own. It reads the real state, in which
 * OpenClaw keeps its own logs and caches. The slowest question comes last.
 * @param onlyOurs whether ours is the only exec provider: the audit runs every one of them
 */
export async function askGatewayInFull(options: AskOptions, onlyOurs: boolean): Promise<GatewayFindings> {
  const ask = questions(options, options.folder);
  const providers = onlyOurs ? ["--allow-exec"] : [];
  const audited = await ask(["secrets", "audit", "--check", "--json", ...providers], audit);
  const chats = await ask(["sessions", "--all-agents", "--active", `${recent}`, "--json"], sessions);
  const scheduled = await ask(["cron", "list", "--json"], jobs);
  const linted = await ask(["doctor", "--lint", "--json"], lint);
  return {
    findings: [
      ...("value" in linted ? linted.value.findings : [])
        .filter(({ severity }) => severity !== "info")
        .map(({ checkId, message, path }) => `${checkId}: ${message}${path ? ` (${path})` : ""}`),
      ...("value" in audited ? audited.value.findings : []).map(
        ({ code, message, file }) => `secrets audit: ${[code, message, file].filter(Boolean).join(", ")}`,
      ),
    ],
    storedModels: [
      ...("value" in chats ? chats.value.sessions : []).flatMap(chosen),
      ...("value" in scheduled ? scheduled.value.jobs : []).flatMap(pinned),
    ],
    askedProviders: onlyOurs,
    unanswered: [audited, chats, scheduled, linted].flatMap((each) =>
      "problem" in each ? each.problem : [],
    ),
  };
}

function chosen({ key, modelOverride: model, providerOverride: provider }: Chat): StoredModel[] {
  if (!model) return [];
  const fix = "Send `/model default -s` in that chat.";
  return [{ who: `the chat ${key}`, model: provider ? `${provider}/${model}` : model, fix }];
}

function pinned({ id, name, enabled, payload: { model } }: Job): StoredModel[] {
  if (!enabled || !model) return [];
  return [{ who: `the job ${name}`, model, fix: `openclaw cron edit ${quote(id)} --clear-model` }];
}
