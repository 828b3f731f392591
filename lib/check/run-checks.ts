import type { CheckId } from "../config/check-ids";
import { defined } from "../core/defined";
import { asUserError } from "../core/refused";
import { programVersion } from "../host/program-files";
import type { HomePaths } from "../model/home-paths";
import { OpenRouterFailure } from "../openrouter/errors";
import { type CheckReport, type CheckResult, reportOutcome } from "../report/check-report";
import { clean, fixOnJoined, namingInstance } from "../report/clean";
import { fail, skip } from "../report/finding";
import { withSandboxServed } from "../sandbox/serve";
import { isChat, problemsSince } from "../store/history";
import { type Accepted, accepted } from "./accepted";
import type { Check, Finding } from "./check";
import { checks } from "./checks";
import { CheckContext, type CheckContextOptions } from "./context";
import { measure } from "./measure";

export interface RunChecksOptions extends CheckContextOptions {
  /** Whether to run the chats, which cost money. */
  readonly spend: boolean;
  /** Runs these checks, and the checks that they need. @default all */
  readonly only?: readonly CheckId[];
  /** Leaves these checks out; checks that need them still run. @default none */
  readonly skip?: readonly CheckId[];
}

/**
 * Runs the checks, in parallel unless one needs another. A failed check is a result; a check that needs it is skipped, with
 * the reason. No result contains the key.
 * With `only`, the report also has the needed checks that warn or fail, because they can be the cause.
 * @throws the signal's reason if it is aborted
 */
export async function runChecks(options: RunChecksOptions): Promise<CheckReport> {
  const { parameters, signal, only } = options;
  const context = new CheckContext(options);
  const started = context.now().toISOString();
  const results = await withSandboxServed({ ...parameters, home: context.home }, () =>
    runAll(context, options),
  );
  signal?.throwIfAborted();
  const shown = only
    ? results.filter(({ id, status }) => only.includes(id) || !["pass", "skip"].includes(status))
    : results;
  // OpenRouter's label of the key in use, if OpenRouter was asked.
  const isAsked = results.some(({ id, status }) => id === "key.valid" && status !== "skip");
  const label = isAsked ? (await context.keyInfo().catch(() => undefined))?.label : undefined;
  const measured = await measure(context, results);
  return {
    version: 1,
    instance: parameters.instance,
    started,
    program: programVersion(),
    ...defined({ keyLabel: label || undefined, measured }),
    results: withSince(context.home, shown),
    outcome: reportOutcome(shown),
    costUsd: shown.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
  };
}

/** Adds to the problems of a check since when the scheduled checks find them, if the host has any. */
function withSince(home: HomePaths, results: readonly CheckResult[]): CheckResult[] {
  const ids = results.filter(({ status }) => status === "fail" || status === "warn").map(({ id }) => id);
  const since = problemsSince(home, ids);
  return results.map((result) => ({ ...result, ...defined({ since: since.get(result.id) }) }));
}

function runAll(context: CheckContext, options: RunChecksOptions): Promise<CheckResult[]> {
  const wanted = options.only ? withNeeds(options.only) : new Set(checks.map(({ id }) => id));
  const { instance, accepted: list = [] } = context.parameters;
  const running = new Map<CheckId, Promise<CheckResult>>();
  const open = new Set<CheckId>();
  for (const check of checks.filter(({ id }) => wanted.has(id))) {
    const run = async () => {
      const held = leftOut(check, options) ?? (await failedNeed(check, running));
      if (held) return resultOf(check, skip(held), 0, "", instance);
      open.add(check.id);
      context.progress([...open].join(", "));
      const begin = performance.now();
      const finding = onThisHost(context, await attempt(check, context, options.signal));
      open.delete(check.id);
      if (open.size > 0) context.progress([...open].join(", "));
      const judged = accepted(check.id, finding, list, context.now());
      // Results must not contain the key; if it cannot be read, no result can.
      const secret = running.has("secret.present")
        ? await context.secret().catch(() => undefined)
        : undefined;
      return resultOf(check, judged, performance.now() - begin, secret?.key ?? "", instance);
    };
    running.set(check.id, run());
  }
  return Promise.all(running.values());
}

/** The fix for this host. */
function onThisHost({ parameters }: CheckContext, finding: Finding): Finding {
  const isJoined = parameters.external?.joinedAs !== undefined;
  return isJoined && finding.fix ? { ...finding, fix: fixOnJoined(finding.fix) } : finding;
}

function withNeeds(ids: readonly CheckId[]): Set<CheckId> {
  const all = new Set(ids);
  // A check comes after the checks that it needs, so one pass from the end also finds indirect needs.
  for (const check of [...checks].reverse()) {
    if (all.has(check.id)) for (const need of check.needs) all.add(need);
  }
  return all;
}

const leftOutBy = "left out by";
const needsAnother = "needs ";

function leftOut({ id, spends }: Check, options: RunChecksOptions): string | undefined {
  if (options.skip?.includes(id)) return `${leftOutBy} --skip`;
  return spends && !options.spend ? `${leftOutBy} --no-spend` : undefined;
}

/**
 * Whether a line says nothing about what it checks: the caller left it out, or it is a chat, which is not tried by each check, and
 * what it needs failed.
 */
export function isUntried({ id, status, summary }: Pick<CheckResult, "id" | "status" | "summary">): boolean {
  if (status !== "skip") return false;
  return summary.startsWith(leftOutBy) || (isChat(id) && summary.startsWith(needsAnother));
}

async function failedNeed(
  check: Check,
  running: Map<CheckId, Promise<CheckResult>>,
): Promise<string | undefined> {
  for (const need of check.needs) {
    const result = await running.get(need);
    if (result?.status === "fail") return `${needsAnother}${need}, which failed`;
    // Only a skip because of a failed need is passed on, not one by --skip or --no-spend.
    if (result?.status === "skip" && result.summary.startsWith(needsAnother)) return result.summary;
  }
  return undefined;
}

async function attempt(
  check: Check,
  context: CheckContext,
  signal: AbortSignal | undefined,
): Promise<Finding> {
  try {
    return mildly(check, await check.run(context));
  } catch (error) {
    signal?.throwIfAborted();
    return mildly(check, findingOf(error));
  }
}

function mildly({ onlyWarns }: Check, finding: Finding): Finding {
  if (!onlyWarns || finding.status !== "fail") return finding;
  return { warning: `failed:${finding.cause ?? "check"}`, ...finding, status: "warn" };
}

function findingOf(error: unknown): Finding {
  if (error instanceof OpenRouterFailure) return { ...fail(error.message, error.fix), cause: error.kind };
  const told = asUserError(error);
  if (told) {
    const { problem, got, expected, fix } = told.props;
    const parts = [problem, got && `Got: ${got}.`, expected && `Expected: ${expected}.`];
    return fail(parts.filter(Boolean).join(" "), fix);
  }
  const message = error instanceof Error ? error.message : String(error);
  return fail(
    `The check itself failed: ${message}`,
    "This is a defect of openclaw-openrouter. Please report it.",
  );
}

function resultOf(
  check: Check,
  finding: Finding & Accepted,
  durationMs: number,
  key: string,
  instance: string,
): CheckResult {
  const { status, summary, details, fix, cause, costUsd, accepted: taken, problems = [finding] } = finding;
  const needsFix = status === "fail" || status === "warn";
  const warnings = problems.flatMap((each) =>
    each.warning === undefined || each.status !== "warn"
      ? []
      : [{ warning: clean(each.warning, key), summary: clean(each.summary, key) }],
  );
  return {
    ...{ id: check.id, status, summary: clean(summary, key) },
    ...defined({ details: details?.map((detail) => clean(detail, key)) }),
    ...defined({ warnings: warnings.length > 0 ? warnings : undefined, accepted: taken }),
    why: check.why,
    ...defined({ fix: fix && needsFix ? namingInstance(instance, clean(fix, key)) : undefined, cause }),
    durationMs: Math.round(durationMs),
    ...defined({ costUsd }),
  };
}
