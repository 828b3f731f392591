import { reasonOf } from "../core/errors";
import { asUserError } from "../core/refused";
import { stackNames } from "../model/home-paths";
import type { DriftReport } from "../report/drift-report";
import { VaultFailure } from "../vault/client";
import type { DriftContext } from "./context";
import { drift, type Finding, ProbeSkipped } from "./finding";
import { probes } from "./probes";
import type { StackPlans } from "./stack-plans";

/** The findings of all probes and plans, and what was skipped. */
export interface ProbeResults {
  readonly findings: readonly Finding[];
  readonly skipped: DriftReport["skipped"];
}

/**
 * Runs every probe in parallel.
 * @param plans the findings of the plans, which already run
 */
export async function runProbes(context: DriftContext, plans: StackPlans): Promise<ProbeResults> {
  const { external } = context.deployed;
  const isJoined = external?.joinedAs !== undefined;
  const fitting = probes.filter(({ of }) => of === "every" || (of === "managed" ? !external : !isJoined));
  const stacks = isJoined ? [] : stackNames;
  const looks = [
    ...stacks.map((stack) => attempt(`plan.${stack}`, `plan of the stack ${stack}`, () => plans[stack])),
    ...fitting.map(({ id, inspect }) => attempt(id, id, async () => inspect(context))),
  ];
  const all = await Promise.all(looks);
  return {
    // The probes come first: they say more about a difference than a plan.
    findings: underOneReason(
      [...all.slice(stacks.length), ...all.slice(0, stacks.length)].flatMap(({ findings }) => findings),
    ),
    skipped: all.flatMap(({ what, because }) => (because ? [{ what, because }] : [])),
  };
}

/** Puts all findings that could not be determined for the same reason under the first one. */
function underOneReason(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    if (finding.kind !== "unknown") return finding;
    const same = findings.filter(({ kind, summary }) => kind === "unknown" && summary === finding.summary);
    return same[0] === finding ? { ...finding, explains: same.slice(1).map(({ id }) => id) } : finding;
  });
}

/** Runs one probe or plan. If it throws, the result is a finding that it could not be determined. */
async function attempt(
  id: string,
  what: string,
  work: () => Promise<readonly Finding[]>,
): Promise<{ what: string; findings: readonly Finding[]; because?: string }> {
  try {
    return { what, findings: await work() };
  } catch (error) {
    if (error instanceof ProbeSkipped) return { what, findings: [], because: error.message };
    if (error instanceof VaultFailure && error.status === 403)
      return { what, findings: [], because: "Vault refuses the auditor (403)" };
    const finding = drift(`${id}.unknown`, "major", id, {
      kind: "unknown",
      summary: `It could not be determined: ${reasonOf(error)}`,
      fix: asUserError(error)?.props.fix ?? "openclaw-openrouter doctor",
    });
    return { what, findings: [finding] };
  }
}
