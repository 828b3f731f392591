import { isDeepStrictEqual } from "node:util";
import type { StackName } from "../model/home-paths";
import type { FieldChange, PlanChanges, ResourceChange } from "../terraform/changes";
import { writtenByBootstrap } from "../terraform/plan";
import { byFix, drift, type Finding } from "./finding";

/**
 * What a plan found, told apart: reality against the state is drift; what is left of the declaration's changes is a
 * declaration that was not applied. Its ids are `plan.<address>` and `plan.<address>:<field>`.
 */
export function planFindings(stack: StackName, { drift: real, changes, declared }: PlanChanges): Finding[] {
  const findings: Finding[] = [];
  const drifted = new Map(real.map((change) => [change.address, change]));
  const changing = new Map(changes.map((change) => [change.address, change]));
  for (const change of real) {
    if (change.actions.includes("delete")) {
      findings.push(gone(change));
      continue;
    }
    const wanted = changing.get(change.address);
    for (const field of change.fields) {
      const isOurs = writtenByBootstrap.has(change.type)
        ? // What a renewal wrote is as declared, and only the state is older.
          wanted?.fields.some(({ path }) => path === field.path)
        : declares(declared, change, field) || restores(wanted, field);
      if (isOurs && !isNormalised(field)) findings.push(differs(change, field));
    }
  }
  for (const change of changes) findings.push(...notApplied(stack, change, drifted.get(change.address)));
  return findings;
}

function declares(
  declared: PlanChanges["declared"],
  { address }: ResourceChange,
  field: FieldChange,
): boolean {
  const [top = ""] = field.path.split(".");
  return declared.get(address)?.has(top) === true;
}

/** Providers read back nothing where they were given an empty thing, and the other way round. */
export function isNormalised({ before, after }: Pick<FieldChange, "before" | "after">): boolean {
  return isDeepStrictEqual(normal(before), normal(after));
}

function normal(value: unknown): unknown {
  if (Array.isArray(value)) {
    const items = value.map(normal).filter((item) => item !== undefined);
    return items.length > 0
      ? items.sort((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
      : undefined;
  }
  if (typeof value === "object" && value !== null) {
    const entries = Object.entries(value).flatMap(([name, inner]) => {
      const item = normal(inner);
      return item === undefined ? [] : [[name, item]];
    });
    return entries.length > 0 ? Object.fromEntries(entries) : undefined;
  }
  if (typeof value === "string") {
    const text = value.trim();
    return text === "" || text === "null" || text === "{}" ? undefined : text;
  }
  return value === null || value === 0 || value === false ? undefined : value;
}

/** Whether a plan wants a field back as it was, though the declaration does not name it. */
function restores(change: ResourceChange | undefined, { path, before }: FieldChange): boolean {
  const wanted = change?.fields.find((field) => field.path === path);
  return wanted !== undefined && isNormalised({ before: wanted.after, after: before });
}

function gone({ address, type }: ResourceChange): Finding {
  return drift({
    id: `plan.${address}`,
    severity: "major",
    subject: address,
    summary: `${type} is gone, says the plan`,
    expected: "there",
    actual: "gone",
  });
}

function differs({ address }: ResourceChange, { path, before, after }: FieldChange): Finding {
  return drift({
    id: `plan.${address}:${path}`,
    severity: "minor",
    subject: address,
    summary: `${path} is another one than was applied`,
    field: path,
    expected: show(before),
    actual: show(after),
  });
}

/** What the declaration changes, reality apart. */
function notApplied(stack: StackName, change: ResourceChange, real: ResourceChange | undefined): Finding[] {
  const { address, actions, fields } = change;
  const base = { kind: "declaration" as const, severity: "minor" as const, subject: address, fix: byFix };
  const isReplaced = actions.includes("delete") && actions.includes("create");
  if (!isReplaced && actions.join() !== "update") {
    // What is gone in reality is made again: that is told already.
    if (actions.includes("create") && real?.actions.includes("delete")) return [];
    const what = actions.includes("create") ? "not made yet" : "not declared any more, and still there";
    return [{ ...base, id: `plan.${address}`, summary: `${address} of the stack ${stack} is ${what}` }];
  }
  const left = fields.filter(({ path, after }) => {
    const field = real?.fields.find((other) => other.path === path);
    return !(field && isNormalised({ before: field.before, after }));
  });
  return left
    .filter((field) => !isNormalised(field))
    .map(({ path, before, after }) => ({
      ...base,
      id: `plan.${address}:${path}`,
      summary: `${path} was changed in the declaration, and not applied`,
      field: path,
      expected: show(after),
      actual: show(before),
    }));
}

/** The longest value that is shown, in characters. */
const longest = 200;

function show(value: unknown): string {
  if (value === null || value === undefined) return "none";
  const text = typeof value === "string" ? value : JSON.stringify(value);
  return text.length > longest ? `${text.slice(0, longest)}…` : text;
}
