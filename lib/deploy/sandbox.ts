import { randomBytes } from "node:crypto";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import { sandbox } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { isSandboxServing, type RequestEntry, type Sandbox, startSandbox } from "../sandbox";

/** The key of the instance `sandbox`: made once, of the form of a real one, and good at the local OpenRouter only. */
export function sandboxKey(home: HomePaths): string {
  const known = readTextIfThere(home.sandboxKey)?.trim();
  if (known) return known;
  const key = `sk-or-v1-${randomBytes(32).toString("hex")}`;
  writePrivateFile(home.sandboxKey, `${key}\n`);
  return key;
}

/**
 * Serves the local OpenRouter in this process.
 * @returns undefined where another process serves it already
 */
export async function serveSandbox(
  home: HomePaths,
  onRequest?: (entry: RequestEntry) => void,
): Promise<Sandbox | undefined> {
  if (await isSandboxServing(sandbox.openrouterPort)) return undefined;
  return startSandbox({
    port: sandbox.openrouterPort,
    stateFile: home.sandbox,
    key: sandboxKey(home),
    ...(onRequest ? { onRequest } : {}),
  });
}
