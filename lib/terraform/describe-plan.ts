import type { PlanChanges, ResourceChange } from "./changes";

/** The actions of a plan, one line a resource. */
export function describePlan({ changes }: PlanChanges): string[] {
  return changes.map((change) => `${command(change)} ${change.address}${fields(change)}`);
}

function command({ actions }: ResourceChange): string {
  if (actions.includes("create") && actions.includes("delete")) return "re-create";
  const [action = ""] = actions;
  return { create: "make", update: "change", delete: "remove" }[action] ?? action;
}

function fields({ fields }: ResourceChange): string {
  const paths = fields.map(({ path }) => path);
  return paths.length > 0 ? `: ${paths.join(", ")}` : "";
}
