import { attempt } from "../core/attempt";
import { ifError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import { parseState, type State } from "../model/terraform-state";

/** A state in a file; undefined if there is none, or it is not JSON. */
export function readStateFile(path: string): State | undefined {
  return attempt(
    () => parseState(JSON.parse(readTextIfThere(path) ?? "null")),
    ifError(SyntaxError, () => undefined),
  );
}
