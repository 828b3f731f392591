import { symlinkSync } from "node:fs";
import { dirname, join } from "node:path";
import { z } from "zod";
import { defined } from "../../core/defined";
import { type Account, actAs } from "../../core/system/os-user";
import type { RunResult } from "../../core/system/process";
import { runUsersProgram } from "../../host/users-program";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import { withUsersTemporaryFolder } from "../folder/as-user";
import { firstInOutput } from "./json-in-output";
import type { GatewayProgram } from "./program";

/** The time for all questions together, in milliseconds. */
export const longestAsking = 20_000;
/** Less time than this is no use. */
const shortest = 500;
const mostAgents = 200;

export const text = z.string().max(500);
const agentList = z.array(z.object({ id: text, model: text.nullish() })).max(mostAgents);
const modelStatus = z.object({ resolvedDefault: text.nullish() });

/** What the gateway's own program says. */
interface GatewayAnswer {
  readonly agents: readonly { readonly id: string; readonly model?: string }[];
}

export interface AskOptions {
  readonly account: Account;
  /** OpenClaw's folder. */
  readonly folder: string;
  readonly program: GatewayProgram;
  /** Of the gateway that reads this folder: see `GatewayInstance`. @default none */
  readonly includeRoots?: string;
  /** When the time for all questions ends, in milliseconds since 1970. */
  readonly end: number;
}

interface AskModelsOptions extends AskOptions {
  /** Whether a model, as the configuration names it, is a declared one: then it is not asked for again. */
  readonly isDeclared: (model: string) => boolean;
  /** Whether ours is the only exec provider: `models status` runs every one of them, so it is not asked if there are others. */
  readonly onlyOurs: boolean;
}

/**
 * Asks OpenClaw's program which model each agent uses: one question for all agents, and one more for each agent whose model is
 * not a declared one. It reads the user's configuration, and keeps its state in a temporary folder: nothing is written to
 * OpenClaw's folder.
 */
export function askGateway(options: AskModelsOptions): Promise<GatewayAnswer | Unanswered> {
  const { account, folder, isDeclared, onlyOurs } = options;
  return withUsersTemporaryFolder(account, async (state) => {
    // The configuration can have variables of this file.
    actAs(account, () => symlinkSync(join(folder, ".env"), join(state, ".env")));
    const ask = questions(options, state);
    const listed = await ask(["agents", "list", "--json"], agentList);
    if ("problem" in listed) return listed;
    const agents: { id: string; model?: string }[] = [];
    for (const { id, model } of listed.value) {
      const isKnown = !model || !onlyOurs || isDeclared(model);
      const status = isKnown
        ? undefined
        : await ask(["models", "status", "--agent", id, "--json"], modelStatus);
      const resolved = (status && "value" in status ? status.value.resolvedDefault : undefined) ?? model;
      agents.push({ id, ...(resolved ? { model: resolved } : {}) });
    }
    return { agents };
  });
}

/** Why there is no answer. */
export interface Unanswered {
  readonly problem: string;
  /** Whether OpenClaw refuses its own configuration: then no gateway starts with it. */
  readonly isRefused?: true;
}
type Asked<T> = { readonly value: T } | Unanswered;
type Ask = <T>(args: readonly string[], schema: z.ZodType<T>) => Promise<Asked<T>>;

/** A function that asks one question after the other, within the time for all. @param state where OpenClaw keeps its state */
export function questions(options: AskOptions, state: string): Ask {
  const { account, folder, program, end, includeRoots } = options;
  const env = {
    HOME: account.home,
    PATH: [...new Set([dirname(program.path), "/usr/local/bin", "/usr/bin", "/bin"])].join(":"),
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    OPENCLAW_OFFLINE: "1",
    npm_config_offline: "true",
    OPENCLAW_CONFIG_PATH: openclawPaths(folder).gateway,
    OPENCLAW_STATE_DIR: state,
    // Without it OpenClaw refuses what its gateway includes from there.
    ...defined({ OPENCLAW_INCLUDE_ROOTS: includeRoots }),
    // OpenClaw keeps compiled code in the temporary folder, where another user can put it. Root runs none of that.
    ...(account.uid === 0 ? { NODE_DISABLE_COMPILE_CACHE: "1" } : {}),
  };
  return async (args, schema) => {
    const timeout = end - Date.now();
    if (timeout < shortest)
      return { problem: `\`${commandOf(args)}\`: the ${longestAsking / 1000} s for all questions are over` };
    const words = [...program.args, ...args];
    const asked = { account, args: words, env, cwd: "/", input: "", timeout };
    return answerOf(args, await runUsersProgram(program.path, asked), schema);
  };
}

const refusal = z.object({
  error: z.object({ message: z.string() }),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

function commandOf(args: readonly string[]): string {
  return `openclaw ${args.slice(0, 2).join(" ")}`;
}

function answerOf<T>(
  args: readonly string[],
  { exitCode, stdout, stderr, failure }: RunResult,
  schema: z.ZodType<T>,
): Asked<T> {
  const command = commandOf(args);
  if (failure !== undefined) return { problem: `\`${command}\`: ${failure}` };
  // The checks end with another code if they find something.
  const value = firstInOutput(stdout, schema);
  if (value !== undefined) return { value };
  const refused = firstInOutput(stdout, refusal);
  const [issue] = refused?.issues ?? [];
  if (issue) return { problem: `${issue.path}: ${issue.message}`.slice(0, 300), isRefused: true };
  const said = refused
    ? refused.error.message
    : exitCode === 0
      ? "its answer has another form"
      : `exit code ${exitCode}: ${stderr.split("\n").findLast((line) => line.trim() !== "") ?? ""}`;
  return { problem: `\`${command}\`: ${said.slice(0, 300)}` };
}
