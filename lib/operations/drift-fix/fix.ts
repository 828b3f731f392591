import { UserError } from "../../core/errors";
import type { DriftReport, ReportedFinding } from "../../drift/report";
import { matches } from "../../drift/root-cause";
import { type RunDriftOptions, runDrift } from "../../drift/run-drift";
import { type StackName, stackNames } from "../../model/home-paths";
import { withSandboxServed } from "../../sandbox/serve";
import { makeNetwork } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { fitMemory } from "../../session/fit-memory";
import { requireFreePort } from "../../session/port";
import { settle } from "../../session/record-deployment";
import { requireSupportedImage } from "../../session/require-image";
import { renewal } from "../../session/require-vault";
import { deployedRecord } from "../../store/deployed-record";
import { describePlan } from "../../terraform/describe-plan";
import { refuseLoss, refuseUnwritable } from "../../terraform/plan";
import { initialize, terraformFor } from "../../terraform/terraform-stack";
import { recordKey } from "../deploy/deploy";
import { acceptStored, chooseKeyToStore, type DecidedKey, type KeyDecision } from "./fix-key";
import type { Repair } from "./repair";
import { recreatedResources } from "./repair-applied";
import { removeReplaced } from "./repair-container";
import { identify } from "./repair-vault";
import { repairs } from "./repairs";

export interface FixOptions extends Omit<RunDriftOptions, "lock" | "baseline"> {
  readonly context: DeployContext;
  /** The key that was given to this run, which may be the deployed one. */
  readonly given: string | undefined;
  /** Shows a report. */
  readonly show: (report: DriftReport) => void;
  /** Shows what would be done, and asks. */
  readonly agree: (steps: readonly string[]) => Promise<boolean>;
  /** Where another key is stored than was deployed: which of the two is to be. */
  readonly decideKey: (finding: ReportedFinding) => Promise<KeyDecision>;
}

export interface FixResult {
  /** After all that was done. */
  readonly report: DriftReport;
  readonly done: readonly string[];
}

/** Where one of these is found, data or state is lost or somebody else's: no plan is applied on top of it. */
const stops = [
  "state.*",
  "volume.data",
  "volume.foreign:*",
  "vault.empty",
  "vault.cluster",
  "vault.mount:secret",
  "container.foreign",
  "volume.shared:*",
];

/** Where one of these is found, a plan publishes a port that is free by now. */
const movesPort = ["container.gone", "settings.vault.port"];

/** Rounds that may be needed: what opens Vault, the first stack, the second. */
const mostRounds = 4;

/**
 * Fixes what drifted, in rounds: shows what it would do, asks, does just that, and looks again. First the repairs without
 * which nothing can be planned, then the plans that were shown, with the repairs that no plan can do.
 */
export async function fixDrift(options: FixOptions): Promise<FixResult> {
  return withSandboxServed(options.deployment, () => inRounds(options));
}

async function inRounds(options: FixOptions): Promise<FixResult> {
  const { context } = options;
  const inspect = () => runDrift({ ...options, lock: context.lock });
  const done: string[] = [];
  let report = await inspect();
  options.show(report);
  for (let round = 0; round < mostRounds; round++) {
    const steps = await stepsOf(report, options);
    if (!steps || !(await options.agree(steps.said))) break;
    await steps.run();
    done.push(...steps.said);
    const before = report;
    report = await inspect();
    options.show(report);
    if (isSame(before, report)) break;
  }
  return { report, done };
}

interface Steps {
  readonly said: readonly string[];
  run(): Promise<void>;
}

/** What the next round would do; undefined where there is nothing that may be done. */
async function stepsOf(report: DriftReport, options: FixOptions): Promise<Steps | undefined> {
  const fixable = report.findings.filter(
    ({ fix, id }) => fix.by === "command" || (options.given && id.startsWith("secret.")),
  );
  if (fixable.length === 0) return undefined;
  const wanted = repairs.flatMap((repair) => {
    const findings = fixable.filter(({ id }) => isAmong(repair.fixes, id));
    return findings.length > 0 && !isHindered(repair, report) ? [{ repair, findings }] : [];
  });
  const first = wanted.filter(({ repair }) => repair.first);
  if (first.length > 0) return repairSteps(first, options.context);

  const repaired = wanted.flatMap(({ findings }) => findings);
  const planned = fixable.filter((finding) => !repaired.includes(finding));
  const isStopped = report.findings.some(({ id }) => isAmong(stops, id));
  const stacks = isRenewalLeft(report) ? stackNames.filter((stack) => stack !== "openrouter") : stackNames;
  const plan = planned.length > 0 && !isStopped ? await planSteps(planned, stacks, options) : undefined;
  const others = repairSteps(wanted, options.context);
  const all = [...(plan ? [plan] : []), ...(others ? [others] : [])];
  if (all.length === 0) return undefined;
  return {
    said: all.flatMap(({ said }) => said),
    run: async () => {
      for (const steps of all) await steps.run();
    },
  };
}

function isAmong(patterns: readonly string[], id: string): boolean {
  return patterns.some((pattern) => matches(pattern, id));
}

function isHindered({ hinderedBy = [] }: Repair, { findings }: DriftReport): boolean {
  return findings.some(({ id, fix }) => fix.by === "person" && isAmong(hinderedBy, id));
}

/** Whether a person is to write again what bootstrap wrote: the deployer may not, so a plan of the second stack would fail. */
function isRenewalLeft({ findings }: DriftReport): boolean {
  return findings.some(({ id, fix }) => fix.by === "person" && isAmong(identify.fixes, id));
}

function repairSteps(
  wanted: readonly { readonly repair: Repair; readonly findings: readonly ReportedFinding[] }[],
  context: DeployContext,
): Steps | undefined {
  if (wanted.length === 0) return undefined;
  return {
    said: wanted.map(({ repair, findings }) => repair.describe(findings, context)),
    run: async () => {
      for (const { repair, findings } of wanted) {
        await context.phase(`Repair: ${repair.name}`, (progress) => repair.run(findings, context, progress));
      }
    },
  };
}

/** The saved plans: of the first stack where that has anything to do, else of the second. What is shown is what is applied. */
async function planSteps(
  findings: readonly ReportedFinding[],
  stacks: readonly StackName[],
  options: FixOptions,
): Promise<Steps | undefined> {
  const { context } = options;
  if (findings.some(({ id }) => movesPort.includes(id))) await requireFreePort(context);
  await requireSupportedImage(context);
  const chosen = await chooseKeyToStore(findings, options);
  await declare(context, chosen);
  for (const stack of stacks) {
    const replace = stack === "vault" ? await recreatedResources(findings, context) : [];
    const hasChanges = await context.phase(`Plan of the stack ${stack}`, async (progress) => {
      await initialize(context, stack, progress);
      return terraformFor(context, stack, chosen.key).plan(progress, { replace });
    });
    if (hasChanges) return applySteps({ stack, replace, chosen, findings }, context);
  }
  // Nothing is left but what is accepted unchanged.
  const said = chosen.accepts ?? accepted(findings);
  if (!said) return undefined;
  return { said: [said], run: () => finish(context, chosen, false) };
}

function accepted(findings: readonly ReportedFinding[]): string | undefined {
  const noted = findings.filter(({ id, kind }) => id === "secret.version" || kind === "declaration");
  return noted.length > 0 ? "note what is there as what was deployed" : undefined;
}

interface PlannedStack {
  readonly stack: StackName;
  /** What was to be re-created whether or not the plan says so. */
  readonly replace: readonly string[];
  readonly chosen: DecidedKey;
  readonly findings: readonly ReportedFinding[];
}

async function applySteps(
  { stack, replace, chosen, findings }: PlannedStack,
  context: DeployContext,
): Promise<Steps> {
  const terraform = terraformFor(context, stack, chosen.key);
  const plan = await terraform.show();
  refuseLoss(plan, context.instanceId);
  refuseUnwritable(plan, renewal(context.deployment));
  const isReplaced = stack === "vault" && findings.some(({ id }) => id === "container.replaced");
  const shown = describePlan(await terraform.showChanges());
  return {
    said: [
      ...(isReplaced ? ["remove the container that was made instead of ours; its volumes stay"] : []),
      ...shown,
    ],
    run: async () => {
      await context.phase(`Apply the plan of the stack ${stack}`, async (progress) => {
        if (stack === "vault" && !context.deployment.external) await makeNetwork(context);
        if (isReplaced) await removeReplaced(context);
        if (stack === "vault" && (await fitMemory(context, plan))) {
          await terraform.plan(progress, { replace });
          refuseOthers(describePlan(await terraform.showChanges()), shown);
        }
        await terraform.apply(progress);
        terraform.forgetPlan();
      });
      await finish(context, chosen, true);
    },
  };
}

/** What was agreed to is what was shown. @throws UserError where a plan that was made again does anything else */
function refuseOthers(planned: readonly string[], shown: readonly string[]): void {
  const others = planned.filter((each) => !shown.includes(each));
  if (others.length === 0) return;
  throw new UserError({
    problem: "The plan became another one than was shown, and was not applied.",
    got: others.join("; "),
    fix: "openclaw-openrouter drift --fix",
  });
}

/** What was fixed is what is deployed. Of the key at OpenRouter nothing is accepted on the way. */
async function finish(context: DeployContext, chosen: DecidedKey, changed: boolean): Promise<void> {
  recordKey(context, chosen);
  if (chosen.accepts) acceptStored(context, chosen);
  const { key } = deployedRecord.read(context.deployment.home) ?? {};
  await settle(context, changed, key);
}

/** Whether a round changed nothing of what was found: another would change nothing either. */
function isSame(before: DriftReport, after: DriftReport): boolean {
  const ids = ({ findings }: DriftReport) => findings.map(({ id, actual }) => `${id} ${actual}`).join();
  return ids(before) === ids(after);
}
