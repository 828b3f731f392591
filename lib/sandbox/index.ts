export { isSandboxServing, type SandboxControl, sandboxControl } from "./remote";
export { type Sandbox, type SandboxOptions, startSandbox } from "./server";
export type { RequestEntry } from "./world";
