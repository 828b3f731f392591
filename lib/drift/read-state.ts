import { allowing } from "../core/attempt";
import { readTextIfThere } from "../core/files/files";
import { parseState, type State } from "../model/terraform-state";

/** A state in a file; undefined if there is none, or it is not JSON. */
export function readStateFile(path: string): State | undefined {
  return allowing(SyntaxError, () => parseState(JSON.parse(readTextIfThere(path) ?? "null")));
}
