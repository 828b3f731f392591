import { readTextIfThere } from "../core/files/files";
import { parseState, type State } from "../model/terraform-state";

/** A state in a file; undefined if there is none, or it is not JSON. */
export function readStateFile(path: string): State | undefined {
  try {
    return parseState(JSON.parse(readTextIfThere(path) ?? "null"));
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
