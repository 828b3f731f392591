import { type Sandbox, type SandboxOptions, startSandbox as start } from "../../../lib/sandbox/server";
import { Steering } from "./steering";

export { askSandbox } from "../../../lib/sandbox/serve";
export type { RequestEntry } from "../../../lib/sandbox/world";
export type { Fault } from "./faults";
export { type SandboxControl, sandboxControl } from "./remote";
export type { Sandbox, SandboxOptions };

/** The options of a sandbox that a test steers: see {@link sandboxControl}. */
export function steered(options: SandboxOptions): SandboxOptions {
  let steering: Steering | undefined;
  return {
    ...options,
    extend: (world) => {
      steering = new Steering(world);
      return steering;
    },
    onRequest: (entry) => {
      steering?.log(entry);
      options.onRequest?.(entry);
    },
  };
}

/** Starts a sandbox that a test steers. */
export function startSandbox(options: SandboxOptions): Promise<Sandbox> {
  return start(steered(options));
}
