import { realpathSync, statSync } from "node:fs";
import { dirname } from "node:path";

/** The folder at which the file system of a path is mounted, as far as its device tells. The path must exist. */
export function mountPointOf(path: string): string {
  return highestAlike(realpathSync(path));
}

function highestAlike(path: string): string {
  const above = dirname(path);
  return above === path || statSync(above).dev !== statSync(path).dev ? path : highestAlike(above);
}
