import { randomBytes } from "node:crypto";
import { type Sandbox, type SandboxControl, sandboxControl, startSandbox } from "../../support/sandbox";

/** An OpenRouter of the test's own, served by the test's process. */
export interface LocalOpenRouter extends Sandbox {
  readonly control: SandboxControl;
}

/** @param keys those that it takes; any other is answered by 401 */
export function localOpenRouter(...keys: string[]): Promise<LocalOpenRouter> {
  return localOpenRouterAt(0, ...keys);
}

/** @param port 0 for a free one */
export async function localOpenRouterAt(port: number, ...keys: string[]): Promise<LocalOpenRouter> {
  const server = await startSandbox({ port });
  const control = sandboxControl(server.port);
  for (const key of keys) await control.putKey({ key, limit: 30, limitReset: "monthly" });
  return { ...server, control };
}

/** A key as OpenRouter distribute them. */
export function newKey(): string {
  return `sk-or-v1-${randomBytes(32).toString("hex")}`;
}
