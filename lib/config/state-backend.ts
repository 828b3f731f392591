import type { Settings } from "./settings";

/** Where Terraform's state is kept, as the settings name it. */
export type StateBackend = Settings["terraform"]["backend"];

/** Each stack has a state of its own: `{stack}` in a backend's settings stands for the stack's name. */
export function backendConfig(
  { config }: Pick<StateBackend, "config">,
  stack: string,
): Record<string, unknown> {
  return JSON.parse(JSON.stringify(config).replaceAll("{stack}", stack));
}

/** For a person: which backend, and which options of it. */
export function describeBackend({ type, config }: StateBackend): string {
  if (type === "local") return "the instance directory";
  const options = Object.entries(config).map(([name, value]) => `${name} ${JSON.stringify(value)}`);
  return [`the backend ${type}`, ...options].join(", ");
}
