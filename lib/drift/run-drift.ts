import { existsSync } from "node:fs";
import { UserError } from "../core/errors";
import { withTemporaryFolder } from "../core/files/temporary-folder";
import { programVersion } from "../host/program-files";
import type { Deployment } from "../model/deployment";
import { clean, fixOnJoined, namingInstance } from "../report/clean";
import { type DriftReport, outcomeOf, type ReportedFinding } from "../report/drift-report";
import { bySeverity } from "../report/finding";
import { withSandboxServed } from "../sandbox/serve";
import { notDeployed } from "../session/not-deployed";
import { type PresentHost, presentHost } from "../session/present-host";
import { readInstance } from "../store/home";
import { type Lock, requireUnlocked } from "../store/lock";
import { deployedRecord } from "../store/records/deployed-record";
import { hostProps, hostRecord } from "../store/records/host-record";
import { declaredKey } from "../store/records/key-record";
import type { SharedProviders } from "../terraform/fast/shared-providers";
import { AuditorPlan } from "./auditor-plan";
import { type Baseline, markKnown, splitKnown } from "./baseline";
import { DriftContext, type DriftContextOptions } from "./context";
import { type Finding, ProbeSkipped } from "./finding";
import { applyIgnoreFile, type IgnoreFile } from "./ignore";
import { findRootCauses, type RootCause } from "./root-cause";
import { beginPlans } from "./stack-plans";

export interface RunDriftOptions extends Omit<DriftContextOptions, "host" | "pullState"> {
  /** An earlier report whose findings are known and listed separately. @default none */
  readonly baseline?: Baseline;
  /** @default no finding is ignored */
  readonly ignore?: IgnoreFile;
  /** The instance's lock, if this run holds it. @default none, and a lock held by another run is an error */
  readonly lock?: Lock;
  /** The providers to plan with. */
  readonly sharedProviders: SharedProviders;
}

/**
 * Compares an instance with what was deployed, by plans and probes in parallel. It changes nothing: it starts no container,
 * does not unseal Vault, and calls Vault as the auditor.
 * @throws UserError if the instance is not deployed, or another run holds its lock
 */
export async function runDrift(options: RunDriftOptions): Promise<DriftReport> {
  const { deployment } = options;
  const { home } = deployment;
  const started = new Date();
  requireUnlocked(home.lock, options.lock);
  const host = await presentHost(hostRecord.read(home));
  await requireDeployed(deployment, host);
  const before = deployedRecord.read(home)?.at;

  return withTemporaryFolder("drift", async (folder) => {
    const plan = planOf(options, host, folder);
    const context = new DriftContext({
      ...options,
      host,
      pullState: async (stack) => {
        if (!plan) throw new ProbeSkipped("what Terraform needs to read its states is missing");
        return plan.readState(stack);
      },
    });
    // The plans take longest: load the probes only after both plans run.
    const plans = beginPlans(context, plan);
    try {
      await context.auditor().catch(() => {});
      const { runProbes } = await import("./run-probes");
      const { findings, skipped } = await withSandboxServed(deployment, () => runProbes(context, plans));
      options.signal?.throwIfAborted();
      // Findings made during a deploy match neither the state before it nor the one after it.
      requireUnlocked(home.lock, options.lock);
      if (deployedRecord.read(home)?.at !== before) {
        throw new UserError({
          problem: `The instance ${deployment.instance} was deployed while this run inspected it.`,
          fix: "Run this again.",
        });
      }
      const secret = await context.secret().catch(() => undefined);
      const shown = cleaned(findings, secret?.key ?? "", deployment);
      return report(options, context, started, shown, skipped);
    } finally {
      await Promise.allSettled(Object.values(plans));
    }
  });
}

function report(
  { deployment, baseline, ignore }: RunDriftOptions,
  context: DriftContext,
  started: Date,
  findings: readonly Finding[],
  skipped: DriftReport["skipped"],
): DriftReport {
  const { kept, ignored } = applyIgnoreFile(findRootCauses(findings), ignore, started);
  const sorted = kept.sort(bySeverity);
  const { fresh, known } = splitKnown(sorted.map(reported), baseline);
  const allSkipped = [
    ...markKnown(skipped, baseline),
    ...context.notInspected.map((each) => ({ ...each, known: true })),
  ];
  return {
    version: 1,
    instance: deployment.instance,
    started: started.toISOString(),
    program: programVersion(),
    durationMs: Date.now() - started.getTime(),
    outcome: outcomeOf(fresh, allSkipped),
    findings: fresh,
    known,
    ignored: ignored.map(({ finding, ...rest }) => ({ ...rest, finding: reported(finding) })),
    skipped: allSkipped,
    unmanaged: context.others.sort(),
  };
}

function reported({ follows, ...finding }: RootCause): ReportedFinding {
  return { ...finding, follows: follows.map(({ explains: _, ...other }) => other) };
}

/** The plans; undefined if Terraform, a provider or the engine is missing, which the skipped plans report. */
function planOf(options: RunDriftOptions, host: PresentHost, folder: string): AuditorPlan | undefined {
  const { deployment, progress, signal } = options;
  const { engine, program, providers } = host;
  if (deployment.external?.joinedAs !== undefined) return undefined;
  if (!program || !providers || !(engine || deployment.external)) return undefined;
  const context = {
    deployment,
    host: { ...(engine ? { engine } : {}), program, providers },
    sharedProviders: options.sharedProviders,
    ...(signal ? { signal } : {}),
  };
  const { home, settings } = deployment;
  const declaration = {
    deployment,
    instanceId: readInstance(home.root)?.id ?? "",
    ...hostProps(hostRecord.read(home), settings.vault.image),
    ...declaredKey(home.root, undefined),
  };
  return new AuditorPlan(context, declaration, folder, progress);
}

/** @throws UserError if the instance was never deployed, or `destroy` removed it */
async function requireDeployed(
  { instance, home, settings, container, external }: Deployment,
  host: PresentHost,
) {
  const isHere = settings.terraform.backend.type === "local";
  const isRecorded =
    deployedRecord.read(home) !== undefined || (isHere && existsSync(home.state("openrouter")));
  const isDestroyed =
    !existsSync(home.installed) &&
    (external || (host.engine && !(await host.engine.api.inspectContainer(container))));
  if (isRecorded && !isDestroyed) return;
  const destroyed = `${external ? "" : `no container ${container} and `}no installed OpenClaw files`;
  throw notDeployed(instance, isRecorded ? destroyed : `no ${home.deployed}`);
}

/** Cleans the texts of findings. Text from outside can contain the key or control characters. */
function cleaned(findings: readonly Finding[], key: string, { instance, external }: Deployment): Finding[] {
  const line = (text: string) => clean(text, key).replaceAll("\n", " ");
  const isJoined = external?.joinedAs !== undefined;
  const fixHere = ({ by, command }: Finding["fix"]): Finding["fix"] => {
    // Of several lines each can be a command.
    const told = clean(command, key);
    // `drift --fix` is refused there.
    return isJoined
      ? { by: "person", command: namingInstance(instance, fixOnJoined(told)) }
      : { by, command: namingInstance(instance, told) };
  };
  return findings.map(({ summary, expected, actual, fix, ...rest }) => ({
    ...rest,
    summary: line(summary),
    ...(expected === undefined ? {} : { expected: line(expected) }),
    ...(actual === undefined ? {} : { actual: line(actual) }),
    fix: fixHere(fix),
  }));
}
