import type { CheckId } from "../config/check-ids";
import { UserError } from "../core/errors";
import { OpenRouterFailure } from "../openrouter/errors";
import { clean, namingInstance } from "../report/clean";
import { withSandboxServed } from "../sandbox/serve";
import { VaultFailure } from "../vault/client";
import { type Accepted, accepted } from "./accepted";
import { type Check, type Finding, fail, skip } from "./check";
import { checks } from "./checks";
import { CheckContext, type CheckContextOptions } from "./context";
import { type CheckReport, type CheckResult, reportOutcome } from "./report";

export interface RunChecksOptions extends CheckContextOptions {
  /** Whether the chats, which cost money, are tried. */
  readonly spend: boolean;
  /** Runs these, and what they need. @default all */
  readonly only?: readonly CheckId[];
  /** Leaves these out; they do not hold back what needs them. @default none */
  readonly skip?: readonly CheckId[];
}

/**
 * Runs the checks, side by side where none needs the other. A check that fails is a result; a check whose need failed is
 * skipped, and says so. No result holds the key.
 * With `only`, a check that was not asked for is reported where it did not pass, since it may be the cause.
 * @throws the signal's reason where it is aborted
 */
export async function runChecks(options: RunChecksOptions): Promise<CheckReport> {
  const { parameters, signal } = options;
  const context = new CheckContext(options);
  const started = context.now().toISOString();
  const results = await withSandboxServed({ ...parameters, home: context.home }, () =>
    runAll(context, options),
  );
  signal?.throwIfAborted();
  const { only } = options;
  const shown = only
    ? results.filter(({ id, status }) => only.includes(id) || !["pass", "skip"].includes(status))
    : results;
  const label = await keyLabel(context, results);
  return {
    version: 1,
    instance: parameters.instance,
    started,
    ...(label ? { keyLabel: label } : {}),
    results: shown,
    outcome: reportOutcome(shown),
    costUsd: shown.reduce((sum, { costUsd }) => sum + (costUsd ?? 0), 0),
  };
}

/** OpenRouter's label of the key in use, where it was asked for it and answered. */
async function keyLabel(context: CheckContext, results: readonly CheckResult[]): Promise<string | undefined> {
  const asked = results.some(({ id, status }) => id === "key.valid" && status !== "skip");
  return asked ? (await context.keyInfo().catch(() => undefined))?.label : undefined;
}

function runAll(context: CheckContext, options: RunChecksOptions): Promise<CheckResult[]> {
  const wanted = options.only ? withNeeds(options.only) : new Set(checks.map(({ id }) => id));
  const { parameters } = context;
  const { instance } = parameters;
  const running = new Map<CheckId, Promise<CheckResult>>();
  const open = new Set<CheckId>();
  for (const check of checks.filter(({ id }) => wanted.has(id))) {
    const judge = (finding: Finding) => accepted(check.id, finding, parameters.accepted ?? [], context.now());
    const run = async () => {
      const held = leftOut(check, options) ?? (await failedNeed(check, running));
      if (held) return resultOf(check, skip(held), 0, "", instance);
      open.add(check.id);
      context.progress([...open].join(", "));
      const begin = performance.now();
      const finding = await attempt(check, context, options.signal);
      open.delete(check.id);
      if (open.size > 0) context.progress([...open].join(", "));
      return resultOf(
        check,
        judge(finding),
        performance.now() - begin,
        await storedKey(context, running),
        instance,
      );
    };
    running.set(check.id, run());
  }
  return Promise.all(running.values());
}

function withNeeds(ids: readonly CheckId[]): Set<CheckId> {
  const all = new Set(ids);
  // A need stands before the check that has it, so one pass from the end finds the needs of needs.
  for (const check of [...checks].reverse()) {
    if (all.has(check.id)) for (const need of check.needs) all.add(need);
  }
  return all;
}

function leftOut({ id, spends }: Check, options: RunChecksOptions): string | undefined {
  if (options.skip?.includes(id)) return "left out by --skip";
  return spends && !options.spend ? "left out by --no-spend" : undefined;
}

async function failedNeed(
  check: Check,
  running: Map<CheckId, Promise<CheckResult>>,
): Promise<string | undefined> {
  for (const need of check.needs) {
    const result = await running.get(need);
    if (result?.status === "fail") return `needs ${need}, which failed`;
    // Skipped for its own need's sake; what was left out by hand holds nothing back.
    if (result?.status === "skip" && result.summary.startsWith("needs ")) return result.summary;
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
  return onlyWarns && finding.status === "fail" ? { ...finding, status: "warn" } : finding;
}

function findingOf(error: unknown): Finding {
  if (error instanceof OpenRouterFailure) return fail(error.message, error.fix);
  if (error instanceof UserError) {
    const { problem, got, expected, fix } = error.props;
    const summary = [
      problem,
      ...(got ? [`Got: ${got}.`] : []),
      ...(expected ? [`Expected: ${expected}.`] : []),
    ].join(" ");
    return fix ? fail(summary, fix) : { status: "fail", summary };
  }
  if (error instanceof VaultFailure) {
    const fix =
      error.status === 403
        ? "The identity's policy is not the declared one: openclaw-openrouter up"
        : "Look into Vault's log: docker logs <container>";
    return fail(error.message, fix);
  }
  const message = error instanceof Error ? error.message : String(error);
  return fail(
    `The check itself broke: ${message}`,
    "This is a defect of openclaw-openrouter: please report it.",
  );
}

/** The key that results are cleaned of; empty where nobody read it yet. */
async function storedKey(
  context: CheckContext,
  running: Map<CheckId, Promise<CheckResult>>,
): Promise<string> {
  if (!running.has("secret.present")) return "";
  try {
    return (await context.secret()).key;
  } catch {
    return "";
  }
}

function resultOf(
  check: Check,
  finding: Finding & Accepted,
  durationMs: number,
  key: string,
  instance: string,
): CheckResult {
  const { status, summary, details, fix, costUsd, accepted: acceptance } = finding;
  return {
    id: check.id,
    status,
    summary: clean(summary, key),
    ...(details ? { details: details.map((detail) => clean(detail, key)) } : {}),
    ...(acceptance ? { accepted: acceptance } : {}),
    why: check.why,
    ...(fix && (status === "fail" || status === "warn")
      ? { fix: namingInstance(instance, clean(fix, key)) }
      : {}),
    durationMs: Math.round(durationMs),
    ...(costUsd === undefined ? {} : { costUsd }),
  };
}
