import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { isObject } from "../core/is-object";
import { normal } from "./normal";

/**
 * One field of a resource, before and after. A secret's value is a text such as `(secret 1)`: within a plan, equal values have
 * equal texts.
 */
export interface FieldChange {
  /** Such as `memory` or `options.file_path`; the elements of a list are not distinguished. */
  readonly path: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface ResourceChange {
  readonly address: string;
  readonly type: string;
  /** The actions, as Terraform names them: `create`, `update`, `delete`, `no-op`, … */
  readonly actions: readonly string[];
  /** The fields whose known values differ; empty if the resource exists on one side only. */
  readonly fields: readonly FieldChange[];
}

/** The differences in a plan, field by field. */
export interface PlanChanges {
  /** The differences between reality and the state. */
  readonly drift: readonly ResourceChange[];
  /** The differences between the declaration and reality. */
  readonly changes: readonly ResourceChange[];
  /** The fields that the declaration names, by address; the provider sets all others. */
  readonly declared: ReadonlyMap<string, ReadonlySet<string>>;
}

const resourceChange = z.object({
  address: z.string(),
  type: z.string(),
  change: z.object({
    actions: z.array(z.string()),
    before: z.unknown().optional(),
    after: z.unknown().optional(),
    before_sensitive: z.unknown().optional(),
    after_sensitive: z.unknown().optional(),
    after_unknown: z.unknown().optional(),
  }),
});

const configuration = z.object({
  root_module: z
    .object({
      resources: z
        .array(z.object({ address: z.string(), expressions: z.record(z.string(), z.unknown()).default({}) }))
        .default([]),
    })
    .prefault({}),
});

/** The parts of `terraform show -json <plan>` that are read. The JSON contains secrets, which are masked during parsing. */
export const planChanges = z
  .object({
    resource_drift: z.array(resourceChange).default([]),
    resource_changes: z.array(resourceChange).default([]),
    configuration: configuration.prefault({ root_module: {} }),
  })
  .transform(({ resource_drift, resource_changes, configuration }): PlanChanges => {
    const hide = hiding();
    const read = ({ address, type, change }: z.output<typeof resourceChange>): ResourceChange => ({
      address,
      type,
      actions: change.actions,
      fields: compare(
        change.before,
        change.after,
        change.after_unknown,
        [change.before_sensitive, change.after_sensitive],
        hide,
      ),
    });
    return {
      drift: resource_drift.map(read),
      changes: resource_changes
        .map(read)
        .filter(({ actions }) => !["no-op", "read"].includes(actions.join())),
      declared: new Map(
        configuration.root_module.resources.map(({ address, expressions }) => [
          address,
          new Set(Object.keys(expressions)),
        ]),
      ),
    };
  });

/** Replaces secret values by numbered texts, which tell whether they are equal and nothing else. */
function hiding(): (value: unknown) => unknown {
  const known: unknown[] = [];
  return (value) => {
    const content = normal(value);
    if (content === undefined) return null;
    const index = known.findIndex((other) => isDeepStrictEqual(other, content));
    return `(secret ${index === -1 ? known.push(content) : index + 1})`;
  };
}

/**
 * @param masks Terraform's marks: true, or true somewhere inside, if a value is sensitive
 * @param hide replaces such a value
 */
function compare(
  before: unknown,
  after: unknown,
  unknown: unknown,
  masks: readonly unknown[],
  hide: (value: unknown) => unknown,
  prefix = "",
): FieldChange[] {
  if (!isObject(before) || !isObject(after)) return [];
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].sort();
  return names.flatMap((name) => {
    const [old, now] = [before[name], after[name]];
    const notKnown = isObject(unknown) ? unknown[name] : undefined;
    if (isDeepStrictEqual(old, now) || isMarked(notKnown)) return [];
    const inner = masks.map((mask) => (isObject(mask) ? mask[name] : mask === true));
    const path = `${prefix}${name}`;
    if (isObject(old) && isObject(now) && !inner.includes(true))
      return compare(old, now, notKnown, inner, hide, `${path}.`);
    if (inner.some(isMarked)) return [{ path, before: hide(old), after: hide(now) }];
    return [{ path, before: old, after: now }];
  });
}

function isMarked(mask: unknown): boolean {
  if (typeof mask === "object" && mask !== null) return Object.values(mask).some(isMarked);
  return mask === true;
}
