import { controlPath } from "../../../lib/sandbox/server";
import type { RequestEntry } from "../../../lib/sandbox/world";
import type { Fault } from "./faults";
import type { AccountFields, KeyFields, ModelFields, WorkspaceFields } from "./steering";

/** Configures and inspects a running sandbox, from this process or another one. */
export interface SandboxControl {
  /** Adds or changes a key. */
  putKey(fields: KeyFields): Promise<void>;
  putAccount(fields: AccountFields): Promise<void>;
  putModel(fields: ModelFields): Promise<void>;
  putWorkspace(fields: WorkspaceFields): Promise<void>;
  /** Stops the clock at a time (ISO 8601); null restarts it. */
  setClock(now: string | null): Promise<void>;
  addFault(fault: Fault): Promise<void>;
  clearFaults(): Promise<void>;
  /** The last 1,000 requests to the API, oldest first. */
  requests(): Promise<RequestEntry[]>;
  clearRequests(): Promise<void>;
}

/** Controls the sandbox at a port of the loopback. */
export function sandboxControl(port: number): SandboxControl {
  async function call(method: string, path: string, body?: unknown): Promise<unknown> {
    const response = await fetch(`http://127.0.0.1:${port}${controlPath}${path}`, {
      method,
      ...(body === undefined
        ? {}
        : { body: JSON.stringify(body), headers: { "content-type": "application/json" } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`the sandbox refuses ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
  const act = async (method: string, path: string, body?: unknown) => {
    await call(method, path, body);
  };
  return {
    putKey: (fields) => act("PUT", "/keys", fields),
    putAccount: (fields) => act("PUT", "/account", fields),
    putModel: (fields) => act("PUT", "/models", fields),
    putWorkspace: (fields) => act("PUT", "/workspaces", fields),
    setClock: (now) => act("PUT", "/clock", { now }),
    addFault: (fault) => act("POST", "/faults", fault),
    clearFaults: () => act("DELETE", "/faults"),
    requests: async () => (await call("GET", "/requests")) as RequestEntry[],
    clearRequests: () => act("DELETE", "/requests"),
  };
}
