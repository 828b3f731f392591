import { mkdtempSync, readdirSync, symlinkSync } from "node:fs";
import { basename, join } from "node:path";
import type { TestHost } from "./host";

/** A PATH with everything that this machine has, but for some programs. */
export function pathWithout(host: TestHost, ...left: readonly string[]): string {
  const folder = mkdtempSync(join(host.folder, "bin-"));
  const taken = new Set(left);
  for (const place of (process.env.PATH ?? "").split(":")) {
    for (const name of programs(place)) {
      if (taken.has(name)) continue;
      taken.add(name);
      symlinkSync(join(place, name), join(folder, basename(name)));
    }
  }
  return folder;
}

function programs(folder: string): string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
