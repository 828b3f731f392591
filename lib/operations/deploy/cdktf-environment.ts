import { readFileSync } from "node:fs";
import { parentOf } from "../../core/system/live-process";

const keyVariable = "TF_VAR_openrouter_api_key";

/**
 * The key given to the CDKTF CLI, read from the CLI's own environment: cdktf-cli 0.21 passes its whole environment to
 * Terraform, but removes every `TF_VAR_` from the environment of its app.
 * @returns undefined if no ancestor of this process has a key
 */
export function keyGivenToCli(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment[keyVariable] !== undefined) return environment[keyVariable];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    const given = wordsOf(pid, "environ").find((entry) => entry.startsWith(`${keyVariable}=`));
    if (given) return given.slice(keyVariable.length + 1);
  }
  return undefined;
}

/** A command of the CDKTF CLI that changes what is deployed. Each other one only reads. */
export type ChangingCommand = "deploy" | "destroy";

const changing: Readonly<Record<string, ChangingCommand>> = {
  deploy: "deploy",
  apply: "deploy",
  watch: "deploy",
  destroy: "destroy",
};

/**
 * The command for which the CDKTF CLI runs its app, read from the CLI's own arguments: it tells its app nothing of it.
 * @param from the process to start at. @default the parent of this process
 * @returns undefined if it only reads, or if neither that process nor an ancestor is the CLI
 */
export function changingCommand(from = process.ppid): ChangingCommand | undefined {
  for (let pid = from; pid > 1; pid = parentOf(pid)) {
    const words = wordsOf(pid, "cmdline");
    const cli = words.findIndex((word) => /(^|\/)cdkt[fn](\.js)?$/.test(word));
    const named = words.slice(cli + 1).find((word) => word in changing);
    if (cli !== -1) return named === undefined ? undefined : changing[named];
  }
  return undefined;
}

/** The texts of a file of `/proc`. Empty for the environment of another user's process, which is not readable. */
function wordsOf(pid: number, file: "environ" | "cmdline"): string[] {
  try {
    return readFileSync(`/proc/${pid}/${file}`, "utf8").split("\0");
  } catch {
    return [];
  }
}
