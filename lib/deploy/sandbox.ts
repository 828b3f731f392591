import { randomBytes } from "node:crypto";
import { readTextIfThere, writePrivateFile } from "../instance/files";
import type { Deployment } from "../model/deployment";
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
 * @param place the instance's home, and OpenRouter's base URL as the instance has it
 * @returns undefined where another process serves it already
 */
export async function serveSandbox(
  { home, baseUrl }: Pick<Deployment, "home" | "baseUrl">,
  onRequest?: (entry: RequestEntry) => void,
): Promise<Sandbox | undefined> {
  const port = Number(new URL(baseUrl).port);
  if (await isSandboxServing(port)) return undefined;
  return startSandbox({
    port,
    stateFile: home.sandbox,
    key: sandboxKey(home),
    ...(onRequest ? { onRequest } : {}),
  });
}
