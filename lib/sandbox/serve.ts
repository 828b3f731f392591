import { z } from "zod";
import { sandboxInstance } from "../config/sandbox";
import { UserError } from "../core/errors";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import { exchange } from "../core/network/http";
import type { Deployment } from "../model/deployment";
import type { HomePaths } from "../model/home-paths";
import { newKey } from "./keys";
import { controlPath, identity, ownerOf, type Sandbox, startSandbox } from "./server";
import type { RequestEntry } from "./world";

/** The key of the instance `sandbox`: made once, in the form of a real one, valid at the local OpenRouter only. */
export function sandboxKey(home: HomePaths): string {
  return madeOnce(home.sandboxKey);
}

function madeOnce(path: string): string {
  const known = readTextIfThere(path)?.trim();
  if (known) return known;
  const key = newKey();
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
 * @throws UserError if what serves there is the sandbox of another user or folder, which does not know this one's keys
 */
export async function serveSandbox(
  { home, baseUrl }: Pick<Deployment, "home" | "baseUrl">,
  onRequest?: (entry: RequestEntry) => void,
): Promise<Sandbox | undefined> {
  const port = Number(new URL(baseUrl).port);
  if (await isServedFor(home, port)) return undefined;
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
    if (await isServedFor(home, port, 10_000)) return undefined;
    throw error;
  }
}

async function isServedFor(
  { sandbox: stateFile }: HomePaths,
  port: number,
  timeout?: number,
): Promise<boolean> {
  const served = await askSandbox(port, timeout);
  const { owner = ownerOf(stateFile) } = served ?? {};
  if (owner === ownerOf(stateFile)) return served !== undefined;
  throw new UserError({
    problem: "A local OpenRouter of another sandbox runs on this host, and does not know this one's key.",
    got: `127.0.0.1:${port}, served for another user or OPENCLAW_OPENROUTER_HOME`,
    expected: "one at a time",
    fix: `Run this again when that command has ended: sudo ss -ltnp 'sport = :${port}' names it.`,
  });
}

/**
 * The sandbox that answers at a port of the loopback; undefined if none does.
 * @param timeout in milliseconds
 */
export async function askSandbox(
  port: number,
  timeout = 1000,
): Promise<z.output<typeof answerSchema> | undefined> {
  try {
    const { text } = await exchange(`http://127.0.0.1:${port}${controlPath}`, { timeout });
    return answerSchema.parse(JSON.parse(text));
  } catch {
    return undefined;
  }
}

const answerSchema = z.object({ sandbox: z.literal(identity.sandbox), owner: z.string().optional() });

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
