import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { z } from "zod";
import { type Account, actAs } from "../core/os-user";
import { runUsersProgram } from "../host/users-program";
import { openclawPaths } from "../model/openclaw-paths";
import type { GatewayProgram } from "./gateway-program";

/** The time for all questions together, in milliseconds. */
const longest = 20_000;
const mostAgents = 200;

const text = z.string().max(500);
const agentList = z.array(z.object({ id: text, model: text.nullish() })).max(mostAgents);
const modelStatus = z.object({ resolvedDefault: text.nullish() });

/** What the gateway's own program says. */
export interface GatewayAnswer {
  readonly agents: readonly { readonly id: string; readonly model?: string }[];
}

export interface AskOptions {
  readonly account: Account;
  /** OpenClaw's folder. */
  readonly folder: string;
  readonly program: GatewayProgram;
  /** Whether a model, as the configuration names it, is a declared one: then it is not asked for again. */
  readonly isDeclared: (model: string) => boolean;
}

/**
 * Asks OpenClaw's program which model each agent uses: one question for all agents, and one more for each agent whose model is
 * not a declared one. It reads the user's configuration, and keeps its state in a temporary folder: nothing is written to
 * OpenClaw's folder.
 */
export function askGateway(options: AskOptions): Promise<GatewayAnswer | { readonly problem: string }> {
  return withQuestions(options, async (ask) => {
    const listed = await ask(["agents", "list", "--json"], agentList);
    if ("problem" in listed) return listed;
    const agents: { id: string; model?: string }[] = [];
    for (const { id, model } of listed.value) {
      const isKnown = !model || options.isDeclared(model);
      const status = isKnown
        ? undefined
        : await ask(["models", "status", "--agent", id, "--json"], modelStatus);
      const resolved = (status && "value" in status ? status.value.resolvedDefault : undefined) ?? model;
      agents.push({ id, ...(resolved ? { model: resolved } : {}) });
    }
    return { agents };
  });
}

const lint = z.object({
  findings: z
    .array(z.object({ checkId: text, severity: text, message: z.string(), path: text.nullish() }))
    .max(500),
});
const audit = z.object({
  findings: z
    .array(z.object({ code: text.nullish(), message: z.string().nullish(), file: text.nullish() }))
    .max(500),
});

/** What OpenClaw's own checks find. */
export interface GatewayFindings {
  readonly findings: readonly string[];
  /** Whether the secrets of exec providers were resolved too. */
  readonly askedProviders: boolean;
}

/**
 * Runs OpenClaw's `doctor --lint` and `secrets audit`. They read the real state, in which OpenClaw keeps its own logs and caches.
 * @param onlyOurs whether ours is the only exec provider: the audit runs every one of them
 */
export function askGatewayInFull(
  options: Omit<AskOptions, "isDeclared">,
  onlyOurs: boolean,
): Promise<GatewayFindings | { readonly problem: string }> {
  return withQuestions(
    options,
    async (ask) => {
      const linted = await ask(["doctor", "--lint", "--json"], lint);
      if ("problem" in linted) return linted;
      const audited = await ask(
        ["secrets", "audit", "--check", "--json", ...(onlyOurs ? ["--allow-exec"] : [])],
        audit,
      );
      if ("problem" in audited) return audited;
      return {
        findings: [
          ...linted.value.findings
            .filter(({ severity }) => severity !== "info")
            .map(({ checkId, message, path }) => `${checkId}: ${message}${path ? ` (${path})` : ""}`),
          ...audited.value.findings.map(
            ({ code, message, file }) => `secrets audit: ${[code, message, file].filter(Boolean).join(", ")}`,
          ),
        ],
        askedProviders: onlyOurs,
      };
    },
    openclawState,
  );
}

type Asked<T> = { readonly value: T } | { readonly problem: string };
type Ask = <T>(args: readonly string[], schema: z.ZodType<T>) => Promise<Asked<T>>;

const openclawState = Symbol("OpenClaw's own state");

/** Gives a function that asks one question after the other, within the time for all. */
async function withQuestions<T>(
  { account, folder, program }: Omit<AskOptions, "isDeclared">,
  work: (ask: Ask) => Promise<T>,
  where?: typeof openclawState,
): Promise<T> {
  const end = Date.now() + longest;
  const temporary =
    where === openclawState ? undefined : actAs(account, () => mkdtempSync(join(tmpdir(), "openclaw-")));
  const env = {
    HOME: account.home,
    PATH: [...new Set([dirname(program.path), "/usr/local/bin", "/usr/bin", "/bin"])].join(":"),
    LANG: "C.UTF-8",
    NO_COLOR: "1",
    OPENCLAW_OFFLINE: "1",
    npm_config_offline: "true",
    OPENCLAW_CONFIG_PATH: openclawPaths(folder).gateway,
    OPENCLAW_STATE_DIR: temporary ?? folder,
  };
  const ask: Ask = async (args, schema) => {
    const timeout = end - Date.now();
    if (timeout < 500) return { problem: `it takes more than ${longest / 1000} s` };
    const words = [...program.args, ...args];
    const result = await runUsersProgram(program.path, {
      account,
      args: words,
      env,
      cwd: "/",
      input: "",
      timeout,
    });
    return answerOf(args, result, schema);
  };
  try {
    return await work(ask);
  } finally {
    if (temporary !== undefined) actAs(account, () => rmSync(temporary, { recursive: true, force: true }));
  }
}

const refusal = z.object({
  error: z.object({ message: z.string() }),
  issues: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
});

function answerOf<T>(
  args: readonly string[],
  { exitCode, stdout, stderr, failure }: Awaited<ReturnType<typeof runUsersProgram>>,
  schema: z.ZodType<T>,
): Asked<T> {
  const command = `openclaw ${args.slice(0, 2).join(" ")}`;
  if (failure !== undefined) return { problem: `\`${command}\`: ${failure}` };
  const answer = parsed(stdout);
  const read = schema.safeParse(answer);
  // The checks end with another code if they find something.
  if (read.success) return { value: read.data };
  const refused = refusal.safeParse(answer);
  const [issue] = refused.data?.issues ?? [];
  const said = refused.success
    ? `${refused.data.error.message}${issue ? ` (${issue.path}: ${issue.message})` : ""}`
    : exitCode === 0
      ? "its answer has another form"
      : `exit code ${exitCode}: ${stderr.split("\n").findLast((line) => line.trim() !== "") ?? ""}`;
  return { problem: `\`${command}\`: ${said.slice(0, 300)}` };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
