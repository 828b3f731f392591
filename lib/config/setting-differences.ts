import { isDeepStrictEqual } from "node:util";
import { isObject } from "../core/is-object";

type Fields = Readonly<Record<string, unknown>>;

/** The options that differ between two settings, with both values. @param prefix the path of the options, which a dot ends */
export function settingDifferences(
  old: Fields,
  present: Fields,
  prefix = "",
): [path: string, old: unknown, present: unknown][] {
  const names = new Set([...Object.keys(old), ...Object.keys(present)]);
  names.delete("$schema");
  return [...names].flatMap((name) => {
    const [was, is] = [old[name], present[name]];
    if (isDeepStrictEqual(was, is)) return [];
    if (isObject(was) && isObject(is)) return settingDifferences(was, is, `${prefix}${name}.`);
    return [[`${prefix}${name}`, was, is]];
  });
}
