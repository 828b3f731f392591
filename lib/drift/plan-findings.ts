import { isDeepStrictEqual } from "node:util";
import type { StackName } from "../model/home-paths";
import type { FieldChange, PlanChanges, ResourceChange } from "../terraform/changes";
import { writtenByBootstrap } from "../terraform/judge-state";
import { normal } from "../terraform/normal";
import { drift, type Finding, gone } from "./finding";

/**
 * The findings of a plan. A difference between the actual state and Terraform's state is drift; every other change is a
 * declaration that was not applied. The ids are `plan.<address>` and `plan.<address>:<field>`.
 */
export function planFindings(stack: StackName, { drift: real, changes, declared }: PlanChanges): Finding[] {
  const findings: Finding[] = [];
  const drifted = new Map(real.map((change) => [change.address, change]));
  const changing = new Map(changes.map((change) => [change.address, change]));
  for (const change of real) {
    if (change.actions.includes("delete")) {
      const { address, type } = change;
      const summary = `${type} is gone, according to the plan`;
      findings.push(gone(`plan.${address}`, "major", address, { summary }));
      continue;
    }
    for (const field of change.fields) {
      const planned = changing.get(change.address)?.fields.find(({ path }) => path === field.path);
      const isDeclared = declared.get(change.address)?.has(field.path.split(".")[0] ?? "");
      // A plan also restores fields that the declaration does not name.
      const isRestored = planned && isNormalised({ before: planned.after, after: field.before });
      // What a renewal wrote is as declared; only Terraform's state is older.
      const isOurs = writtenByBootstrap.includes(change.type) ? planned : isDeclared || isRestored;
      if (!isOurs || isNormalised(field)) continue;
      findings.push(
        drift(`plan.${change.address}:${field.path}`, "minor", change.address, {
          summary: `${field.path} differs from the applied value`,
          compared: [show(field.before), show(field.after), field.path],
        }),
      );
    }
  }
  for (const change of changes) findings.push(...notApplied(stack, change, drifted.get(change.address)));
  return findings;
}

/** Whether a change is none. See {@link normal}. */
export function isNormalised({ before, after }: Pick<FieldChange, "before" | "after">): boolean {
  return isDeepStrictEqual(normal(before), normal(after));
}

/** The changes of the declaration, without those that only undo drift. */
function notApplied(stack: StackName, change: ResourceChange, real: ResourceChange | undefined): Finding[] {
  const { address, actions, fields } = change;
  const kind = "declaration";
  const isReplaced = actions.includes("delete") && actions.includes("create");
  if (!isReplaced && actions.join() !== "update") {
    // The plan re-creates a resource that is gone, which is already a finding.
    if (actions.includes("create") && real?.actions.includes("delete")) return [];
    const what = actions.includes("create") ? "not created yet" : "not declared any more, but still there";
    return [
      drift(`plan.${address}`, "minor", address, {
        kind,
        summary: `${address} of the stack ${stack} is ${what}`,
      }),
    ];
  }
  const left = fields.filter(({ path, after }) => {
    const field = real?.fields.find((other) => other.path === path);
    return !(field && isNormalised({ before: field.before, after }));
  });
  return left
    .filter((field) => !isNormalised(field))
    .map(({ path, before, after }) =>
      drift(`plan.${address}:${path}`, "minor", address, {
        kind,
        summary: `${path} was changed in the declaration, but not applied`,
        compared: [show(after), show(before), path],
      }),
    );
}

/** The maximum length of a shown value, in characters. */
const longest = 200;

function show(value: unknown): string {
  if (value === null || value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
