import { randomBytes } from "node:crypto";
import { sandboxInstance } from "../config/sandbox";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { isObject } from "../core/is-object";
import type { Deployment } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { controlPath, identity, type Sandbox, startSandbox } from "./server";
import type { RequestEntry } from "./world";

/** The key of the instance `sandbox`: made once, in the form of a real one, valid at the local OpenRouter only. */
export function sandboxKey(home: HomePaths): string {
  return madeOnce(home.sandboxKey);
}

function madeOnce(path: string): string {
  const known = readTextIfThere(path)?.trim();
  if (known) return known;
  const key = `sk-or-v1-${randomBytes(32).toString("hex")}`;
  writePrivateFile(path, `${key}\n`);
  return key;
}

/** Stores the sandbox's new key after a rotation. */
export function keepSandboxKey(home: HomePaths, key: string): void {
  writePrivateFile(home.sandboxKey, `${key}\n`);
}

/** The management key of the instance `sandbox`, to try out rotation and budget. */
export function sandboxManagementKey(home: HomePaths): string {
  return madeOnce(home.sandboxManagementKey);
}

/**
 * Serves the local OpenRouter in this process.
 * @param place the instance directory, and the instance's base URL of OpenRouter
 * @returns undefined if another process already serves it
 */
export async function serveSandbox(
  { home, baseUrl }: Pick<Deployment, "home" | "baseUrl">,
  onRequest?: (entry: RequestEntry) => void,
): Promise<Sandbox | undefined> {
  const port = Number(new URL(baseUrl).port);
  if (await isSandboxServing(port)) return undefined;
  try {
    return await startSandbox({
      port,
      stateFile: home.sandbox,
      key: sandboxKey(home),
      managementKey: sandboxManagementKey(home),
      ...(onRequest ? { onRequest } : {}),
    });
  } catch (error) {
    // The port is in use: on a busy host a sandbox that serves there answers late.
    if (await isSandboxServing(port, 10_000)) return undefined;
    throw error;
  }
}

/**
 * Whether a sandbox answers at a port of the loopback.
 * @param timeout in milliseconds
 */
export async function isSandboxServing(port: number, timeout = 1000): Promise<boolean> {
  try {
    const response = await fetch(`http://127.0.0.1:${port}${controlPath}`, {
      signal: AbortSignal.timeout(timeout),
    });
    const body: unknown = await response.json();
    return isObject(body) && body.sandbox === identity.sandbox;
  } catch {
    return false;
  }
}

/** Serves the local OpenRouter during some work, if the instance is `sandbox` and no other process serves it. */
export async function withSandboxServed<T>(
  { instance, ...place }: Pick<Deployment, "instance" | "home" | "baseUrl">,
  work: () => Promise<T>,
): Promise<T> {
  if (instance !== sandboxInstance) return work();
  const server = await serveSandbox(place);
  try {
    return await work();
  } finally {
    await server?.close();
  }
}
