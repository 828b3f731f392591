import type { Settings } from "./settings";

/** The backend of Terraform's state, as the settings name it. */
export type StateBackend = Settings["terraform"]["backend"];

/** The backend's options for one stack. Each stack has its own state: `{stack}` is replaced with the stack's name. */
export function backendConfig(
  { config }: Pick<StateBackend, "config">,
  stack: string,
): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config).replaceAll("{stack}", stack));
}

/** Describes a backend and its options for a person. */
export function describeBackend({ type, config }: StateBackend): string {
  if (type === "local") return "the instance directory";
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`the backend ${type}`, ...options].join(", ");
}
