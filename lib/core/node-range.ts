type Version = readonly [number, number, number];

/**
 * Whether a version satisfies a range as package.json's `engines` has it: comparisons, `^`, `~` and `x`, joined by blanks
 * (and) and `||` (or). A range of another form is satisfied: it cannot be judged.
 */
export function satisfies(version: string, range: string): boolean {
  const parsed = parse(version);
  if (!parsed) return true;
  const alternatives = range.split("||").map((each) => each.trim().replace(/(^|\s)([<>=^~]+)\s+/g, "$1$2"));
  return alternatives.some((each) => each.split(/\s+/).every((part) => matches(parsed, part)));
}

function matches(version: Version, part: string): boolean {
  const [, operator = "", bound = ""] = /^(>=|<=|>|<|=|\^|~)?v?([\d.xX*]+)/.exec(part) ?? [];
  if (bound === "") return true;
  const given = bound
    .split(".")
    .filter((each) => /^\d+$/.test(each))
    .map(Number);
  const low: Version = [given[0] ?? 0, given[1] ?? 0, given[2] ?? 0];
  const order = compare(version, low);
  switch (operator) {
    case ">=":
      return order >= 0;
    case "<":
      return order < 0;
    case ">":
      return order > 0 && !isWithin(version, given);
    case "<=":
      return order <= 0 || isWithin(version, given);
    case "^":
      return order >= 0 && isWithin(version, given.slice(0, 1));
    case "~":
      return order >= 0 && isWithin(version, given.slice(0, 2));
    default:
      return isWithin(version, given);
  }
}

/** Whether a version begins with the given numbers: `24.x` leaves the rest open. */
function isWithin(version: Version, given: readonly number[]): boolean {
  return given.every((number, index) => version[index] === number);
}

function compare(one: Version, other: Version): number {
  const at = one.findIndex((number, index) => number !== other[index]);
  return at === -1 ? 0 : (one[at] ?? 0) - (other[at] ?? 0);
}

function parse(version: string): Version | undefined {
  const [, major, minor, patch] = /^v?(\d+)\.(\d+)\.(\d+)/.exec(version.trim()) ?? [];
  return major === undefined ? undefined : [Number(major), Number(minor), Number(patch)];
}
