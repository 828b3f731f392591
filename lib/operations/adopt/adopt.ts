import { sandboxInstance } from "../../config/sandbox";
import { type StackName, stackNames } from "../../model/home-paths";
import type { CheckReport } from "../../report/check-report";
import { withSandboxServed } from "../../sandbox/serve";
import { containerHost, type DeployContext, type PrepareOptions, prepare } from "../../session/context";
import { notDeployed } from "../../session/not-deployed";
import {
  readStates,
  refuseOtherStates,
  requireData,
  requireVaultContainer,
} from "../../session/requirements";
import { adoptionRecord } from "../../store/records/adoption-record";
import { deployedRecord } from "../../store/records/deployed-record";
import { describePlan } from "../../terraform/describe-plan";
import { requireStatePlace } from "../../terraform/kept-backend";
import { terraformFor } from "../../terraform/terraform-stack";
import { checkDeployed, type DeployOptions, deploy } from "../deploy/deploy";
import { adoptStacks, noKeyToStore } from "./adopt-stacks";

interface AdoptOptions extends PrepareOptions, Pick<DeployOptions, "askAdminToken" | "acceptListener"> {
  /** The key given to this run. @default the stored key is written again */
  readonly given: string | undefined;
  /** Shows the steps, and asks for consent. */
  readonly agree: (steps: readonly string[]) => Promise<boolean>;
}

/** The result of `state adopt`, as `--json` prints it. */
export interface AdoptReport {
  readonly version: 1;
  readonly instance: string;
  /** The stacks whose state was missing. */
  readonly lost: readonly StackName[];
  /** Undefined if no state was missing. */
  readonly done?: {
    readonly steps: readonly string[];
    /** The backup made before the container was replaced. */
    readonly backup?: string;
    readonly check: CheckReport;
    /** The changes that Terraform still plans, one line a resource; empty on success. */
    readonly left: readonly string[];
  };
}

/**
 * Imports the existing resources of an instance whose Terraform state is missing, and ends with an empty plan and the check. If
 * it is killed at any point, the next run resumes it.
 * @returns undefined if the person does not agree
 * @throws UserError if a state is another one, if Vault's data is missing, or if there is nothing to import
 */
export async function adopt(options: AdoptOptions): Promise<AdoptReport | undefined> {
  const { deployment } = options;
  const context = await prepare(options);
  for (const warning of await requireVaultContainer(context)) options.say(`! ${warning}`);
  await requireData(context);
  const lost = await lostStates(context);
  const report = { version: 1, instance: deployment.instance, lost } as const;
  if (lost.length === 0) return report;
  await requireSomething(context);
  const steps = stepsOf(context, lost);
  if (!(await options.agree(steps))) return undefined;
  return withSandboxServed(deployment, async () => {
    adoptionRecord.write(deployment.home, { stacks: lost, since: new Date().toISOString() });
    let backup: string | undefined;
    const onBackup = (file: string) => {
      backup = file;
    };
    await deploy(context, {
      ...options,
      key: deployment.instance === sandboxInstance ? undefined : options.given,
      replaceWorkingKey: async () => false,
      askKey: () => Promise.reject(noKeyToStore(deployment.instance)),
      apply: (having, apply, progress) => adoptStacks(having, { lost, onBackup }, apply, progress),
    });
    if (backup) options.say(`Before that, Vault was backed up: ${backup}`);
    const check = await checkDeployed(context, true);
    const left = await planAgain(context);
    adoptionRecord.remove(deployment.home);
    return { ...report, done: { steps, ...(backup ? { backup } : {}), check, left } };
  });
}

/** @throws UserError if an existing state is not this instance's, or not the state of the last deploy */
async function lostStates(context: DeployContext): Promise<readonly StackName[]> {
  requireStatePlace(context.deployment);
  const states = await readStates(context);
  const begun = adoptionRecord.read(context.deployment.home)?.stacks ?? [];
  refuseOtherStates(context, states, begun);
  return stackNames.filter((stack) => !states[stack] || begun.includes(stack));
}

/** @throws UserError (not deployed) if nothing of the instance exists: only a deploy creates it */
async function requireSomething(context: DeployContext): Promise<void> {
  const { instance, home, external, container, dataVolume } = context.deployment;
  if (deployedRecord.read(home)) return;
  const { api } = external ? { api: undefined } : containerHost(context).engine;
  if (await api?.inspectVolume(dataVolume)) return;
  const of = container ? ` of the container ${container}` : "";
  throw notDeployed(instance, `nothing to take over: no state and no volume ${dataVolume}${of}`);
}

/** The steps, as text for a person. */
function stepsOf({ deployment }: DeployContext, lost: readonly StackName[]): string[] {
  const { container, dataVolume, homeVolume, external, openclawFolder } = deployment;
  const vault = external
    ? ["check that the external Vault can be used"]
    : [
        "make a backup of what is in Vault",
        `take over the volumes ${dataVolume} and ${homeVolume}, with all that is in them`,
        `replace the container ${container}: Vault answers nobody for some seconds, and is unsealed again`,
      ];
  const openrouter = [
    external
      ? "take over this instance's policies and roles in Vault"
      : "take over the audit device file/, the mount secret/, and this instance's policies and roles in Vault",
    "store the key that is in Vault once more, as a new version of secret/openrouter",
    `render OpenClaw's files again, and rewrite what differs in ${openclawFolder}`,
  ];
  return [...(lost.includes("vault") ? vault : []), ...(lost.includes("openrouter") ? openrouter : [])];
}

/** @returns the changes that Terraform still plans */
async function planAgain(context: DeployContext): Promise<string[]> {
  const left = await context.phase(
    "Plan of both stacks",
    (progress) =>
      Promise.all(
        stackNames.map(async (stack) => {
          const terraform = terraformFor(context, stack);
          const hasChanges = await terraform.plan(progress);
          const changes = hasChanges ? describePlan(await terraform.showChanges()) : [];
          terraform.forgetPlan();
          return changes;
        }),
      ),
    (changes) => (changes.flat().length === 0 ? "empty" : "not empty"),
  );
  return left.flat();
}
