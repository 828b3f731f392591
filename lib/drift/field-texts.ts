import type { FieldDifference } from "../core/compare-fields";
import { instanceLabel } from "../model/instance-label";

/** Values in a fixed order, for a person. */
export function listed(values: readonly string[]): string {
  return [...values].sort().join(", ") || "none";
}

/** Names with their values in a fixed order, for a person. */
export function listedPairs(values: Readonly<Record<string, string>>): string {
  return listed(Object.entries(values).map(([name, value]) => (value ? `${name}=${value}` : name)));
}

/** How the labels show that something does not belong to this instance; undefined if it does. */
export function foreignLabel(
  labels: Readonly<Record<string, string>> | null | undefined,
  instanceId: string | undefined,
): FieldDifference | undefined {
  const label = labels?.[instanceLabel];
  if (label === instanceId) return undefined;
  const shown = (id: string | undefined) => `${instanceLabel}=${id}`;
  return { field: "Labels", expected: shown(instanceId), actual: label ? shown(label) : "no such label" };
}
