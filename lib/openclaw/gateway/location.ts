import { join, resolve } from "node:path";
import { openclawNames } from "../../model/openclaw/openclaw-paths";

/** The variables and options by which OpenClaw finds its files. */
interface LocationHints {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The command line. @default none */
  readonly args?: readonly string[];
  /** The user's home directory. */
  readonly home: string;
}

/** Where a gateway reads its configuration and keeps its state, and what says so. */
export interface GatewayLocation {
  readonly config: string;
  readonly state: string;
  /** The variable or option that decides it. @default OpenClaw's own default */
  readonly by?: string;
}

/**
 * Finds OpenClaw's files as OpenClaw does: OPENCLAW_CONFIG_PATH, OPENCLAW_STATE_DIR, the option for a profile, OPENCLAW_HOME, and
 * `~/.openclaw` last. The variable OPENCLAW_PROFILE alone moves only the workspace.
 */
export function gatewayLocation({ env, args = [], home }: LocationHints): GatewayLocation {
  const given = (name: string) => {
    const value = env[name]?.trim();
    return value && value !== "undefined" && value !== "null" ? value : undefined;
  };
  const openclawHome = given("OPENCLAW_HOME");
  const effectiveHome = openclawHome === undefined ? (given("HOME") ?? home) : expand(openclawHome, home);
  const path = (value: string) => expand(value, effectiveHome);
  const [option, profile] = profileOf(args) ?? [];
  const isNamed =
    profile !== undefined && profile.toLowerCase() !== "default" && /^[\w-]{1,64}$/.test(profile);
  const stateDir = given("OPENCLAW_STATE_DIR");
  const configPath = given("OPENCLAW_CONFIG_PATH");
  const state =
    stateDir === undefined
      ? join(effectiveHome, isNamed ? `.openclaw-${profile}` : ".openclaw")
      : path(stateDir);
  const by =
    (configPath && "OPENCLAW_CONFIG_PATH") ??
    (stateDir && "OPENCLAW_STATE_DIR") ??
    (isNamed ? option : undefined) ??
    (openclawHome && "OPENCLAW_HOME");
  return {
    config: configPath === undefined ? join(state, openclawNames.gateway) : path(configPath),
    state,
    ...(by ? { by } : {}),
  };
}

function profileOf(args: readonly string[]): [string, string | undefined] | undefined {
  if (args.includes("--dev")) return ["--dev", "dev"];
  const joined = args.find((arg) => arg.startsWith("--profile="));
  if (joined !== undefined) return ["--profile", joined.slice("--profile=".length)];
  const at = args.indexOf("--profile");
  return at === -1 ? undefined : ["--profile", args[at + 1]];
}

function expand(path: string, home: string): string {
  return resolve(path.replace(/^~(?=$|\/)/, home));
}
