import { reasonOf, UserError } from "../core/errors";
import { stackNames } from "../model/home-paths";
import { VaultFailure } from "../vault/client";
import type { DriftContext } from "./context";
import { type Finding, ProbeSkipped } from "./finding";
import { probes } from "./probes";
import type { DriftReport } from "./report";
import type { StackPlans } from "./stack-plans";

/** What was looked at: findings, and what could not be looked at. */
export interface ProbeResults {
  readonly findings: readonly Finding[];
  readonly skipped: DriftReport["skipped"];
}

/**
 * Looks by every probe, all at once.
 * @param plans what the plans find, which were begun before
 */
export async function inspect(context: DriftContext, plans: StackPlans): Promise<ProbeResults> {
  const looks = [
    ...stackNames.map(async (stack) => ({
      what: `plan of the stack ${stack}`,
      ...(await attempt(`plan.${stack}`, () => plans[stack])),
    })),
    ...probes
      .filter(({ managedOnly }) => !managedOnly || !context.deployed.external)
      .map(async (probe) => ({
        what: probe.id,
        ...(await attempt(probe.id, async () => probe.inspect(context))),
      })),
  ];
  const all = await Promise.all(looks);
  return {
    // The probes' first: they say more of the same thing than a plan.
    findings: underOneReason([...all.slice(2), ...all.slice(0, 2)].flatMap(({ findings }) => findings)),
    skipped: all.flatMap(({ what, because }) => (because ? [{ what, because }] : [])),
  };
}

/** What could not be determined for one and the same reason is one finding. */
function underOneReason(findings: readonly Finding[]): Finding[] {
  return findings.map((finding) => {
    if (finding.kind !== "unknown") return finding;
    const same = findings.filter(({ kind, summary }) => kind === "unknown" && summary === finding.summary);
    return same[0] === finding ? { ...finding, explains: same.slice(1).map(({ id }) => id) } : finding;
  });
}

/** What throws could not be determined. */
async function attempt(
  id: string,
  work: () => Promise<readonly Finding[]>,
): Promise<{ findings: readonly Finding[]; because?: string }> {
  try {
    return { findings: await work() };
  } catch (error) {
    if (error instanceof ProbeSkipped) return { findings: [], because: error.message };
    if (error instanceof VaultFailure && error.status === 403)
      return { findings: [], because: "the auditor may not read it" };
    const finding: Finding = {
      id: `${id}.unknown`,
      kind: "unknown",
      severity: "major",
      subject: id,
      summary: `It could not be determined: ${reasonOf(error)}`,
      fix: {
        by: "person",
        command: (error instanceof UserError && error.props.fix) || "openclaw-openrouter doctor",
      },
    };
    return { findings: [finding] };
  }
}
