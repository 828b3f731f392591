import { defined } from "../../core/defined";
import { UserError } from "../../core/errors";
import { matches } from "../../drift/root-cause";
import { type RunDriftOptions, runDrift } from "../../drift/run-drift";
import { type StackName, stackNames } from "../../model/home-paths";
import type { DriftReport, ReportedFinding } from "../../report/drift-report";
import { withSandboxServed } from "../../sandbox/serve";
import { fitMemory, makeNetwork, removeUnrecorded } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { declare } from "../../session/declare";
import { requireFreePort } from "../../session/detect-vault";
import { readFitPlan } from "../../session/read-fit-plan";
import { isDeployedWith, recordDeployment } from "../../session/record-deployment";
import { requireLastSettings, requireVaultContainer } from "../../session/requirements";
import { deployedRecord } from "../../store/records/deployed-record";
import { readKeyRecord, recordStoredKey } from "../../store/records/key-record";
import { describePlan } from "../../terraform/describe-plan";
import { initialize, terraformFor } from "../../terraform/terraform-stack";
import { recordKey } from "../deploy/deploy";
import { recreatedResources } from "./applied";
import { chooseKeyToStore, type DecidedKey, type KeyDecision } from "./fix-key";
import type { Repair } from "./repair";
import { identify, repairs } from "./repairs";

export interface FixOptions extends Omit<RunDriftOptions, "lock" | "baseline"> {
  readonly context: DeployContext;
  /** The key given to this run; it can be the deployed one. */
  readonly given: string | undefined;
  readonly show: (report: DriftReport) => void;
  /** Shows the planned steps and asks whether to take them. */
  readonly agree: (steps: readonly string[]) => Promise<boolean>;
  /** Asks which key to keep, if the stored key is not the deployed one. */
  readonly decideKey: (finding: ReportedFinding) => Promise<KeyDecision>;
}

/** Findings of what a plan would lose, or that belongs to others: with one of them, no plan is applied. */
const stops = [
  "state.*",
  // Only an upgrade can roll a new image back.
  "settings.vault.image",
  "volume.data",
  "volume.foreign:*",
  "vault.empty",
  "vault.cluster",
  "vault.mount:secret",
  "container.foreign",
  "volume.shared:*",
];

/** Findings with which a plan publishes a port that must be free. */
const movesPort = ["container.gone", "settings.vault.port"];

/** The maximum number of rounds. A run usually needs up to three: repairs that open Vault, the first stack, the second. */
const mostRounds = 4;

/**
 * Fixes drift in rounds: each shows its steps, asks, takes exactly these steps, and inspects again. Repairs without which no
 * plan is possible come first, then the shown plans together with the repairs that no plan covers.
 * @returns the report after all steps, and what was done
 */
export async function fixDrift(options: FixOptions) {
  return withSandboxServed(options.deployment, () => inRounds(options));
}

async function inRounds(options: FixOptions) {
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

/** The steps of the next round; undefined if there are none. */
async function stepsOf(report: DriftReport, options: FixOptions): Promise<Steps | undefined> {
  const fixable = report.findings.filter(
    ({ fix, id }) => fix.by === "command" || (options.given && id.startsWith("secret.")),
  );
  if (fixable.length === 0) return undefined;
  const wanted = repairs.flatMap((repair) => {
    const findings = fixable.filter(({ id }) => isAmong(repair.fixes, id));
    return findings.length > 0 && !isLeftToPerson(repair.blockedBy ?? [], report)
      ? [{ repair, findings }]
      : [];
  });
  const first = wanted.filter(({ repair }) => !repair.isAfterPlans);
  if (first.length > 0) return repairSteps(first, options.context);

  const repaired = wanted.flatMap(({ findings }) => findings);
  const planned = fixable.filter((finding) => !repaired.includes(finding));
  const isStopped = report.findings.some(({ id }) => isAmong(stops, id));
  // What bootstrap wrote, the deployer cannot rewrite: a plan of the second stack would fail.
  const isRenewalLeft = isLeftToPerson(identify.fixes, report);
  const stacks = isRenewalLeft ? stackNames.filter((stack) => stack !== "openrouter") : stackNames;
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

/** Whether a person must fix one of these findings first. */
function isLeftToPerson(patterns: readonly string[], { findings }: DriftReport): boolean {
  return findings.some(({ id, fix }) => fix.by === "person" && isAmong(patterns, id));
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

/** Plans the stacks in order and saves the first plan with changes. The run applies exactly the plan that it shows. */
async function planSteps(
  findings: readonly ReportedFinding[],
  stacks: readonly StackName[],
  options: FixOptions,
): Promise<Steps | undefined> {
  const { context } = options;
  requireLastSettings(context.deployment);
  if (findings.some(({ id }) => movesPort.includes(id))) await requireFreePort(context);
  await requireVaultContainer(context);
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
  // Only accepted differences are left.
  const isNoted = findings.some(({ id, kind }) => id === "secret.version" || kind === "declaration");
  const said = chosen.accepts ?? (isNoted ? "record the current state as the deployed one" : undefined);
  if (!said) return undefined;
  return { said: [said], run: () => finish(context, chosen, false, stacks.at(-1)!) };
}

interface PlannedStack {
  readonly stack: StackName;
  /** The addresses to re-create even if the plan alone would not. */
  readonly replace: readonly string[];
  readonly chosen: DecidedKey;
  readonly findings: readonly ReportedFinding[];
}

async function applySteps(
  { stack, replace, chosen, findings }: PlannedStack,
  context: DeployContext,
): Promise<Steps> {
  const terraform = terraformFor(context, stack, chosen.key);
  const plan = await readFitPlan(context, terraform);
  const isReplaced = stack === "vault" && findings.some(({ id }) => id === "container.replaced");
  const shown = describePlan(await terraform.showChanges());
  return {
    said: [
      ...(isReplaced ? ["remove the container that replaced the deployed one; its volumes stay"] : []),
      ...shown,
    ],
    run: async () => {
      await context.phase(`Apply the plan of the stack ${stack}`, async (progress) => {
        if (stack === "vault" && !context.deployment.external) await makeNetwork(context);
        if (isReplaced) await removeUnrecorded(context);
        if (stack === "vault" && (await fitMemory(context, plan))) {
          await terraform.plan(progress, { replace });
          await readFitPlan(context, terraform);
          refuseOthers(describePlan(await terraform.showChanges()), shown);
        }
        await terraform.apply(progress);
        terraform.forgetPlan();
      });
      await finish(context, chosen, true, stack);
    },
  };
}

/** @throws UserError if a repeated plan does anything that the user was not shown */
function refuseOthers(planned: readonly string[], shown: readonly string[]): void {
  const others = planned.filter((each) => !shown.includes(each));
  if (others.length === 0) return;
  throw new UserError({
    problem: "The plan changed after it was shown, so it was not applied.",
    got: others.join("; "),
    fix: "openclaw-openrouter drift --fix",
  });
}

/**
 * Records the fixed state as the deployed one. The recorded limits of the key at OpenRouter stay unchanged.
 * @param last the stack up to which nothing is left to apply
 */
async function finish(
  context: DeployContext,
  chosen: DecidedKey,
  changed: boolean,
  last: StackName,
): Promise<void> {
  recordKey(context, chosen);
  const { home } = context.deployment;
  if (chosen.acceptedKey) {
    const { version, generation } = readKeyRecord(home);
    recordStoredKey(home, { key: chosen.acceptedKey, version, generation });
  }
  const { key } = deployedRecord.read(home) ?? {};
  await recordDeployment(context, changed, { ...defined({ key }), isDeployed: isDeployedWith(last) });
}

/** Whether a round changed none of the findings: another round would change nothing either. */
function isSame(before: DriftReport, after: DriftReport): boolean {
  const ids = ({ findings }: DriftReport) => findings.map(({ id, actual }) => `${id} ${actual}`).join();
  return ids(before) === ids(after);
}
