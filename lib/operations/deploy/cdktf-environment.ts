import { readFileSync } from "node:fs";

const keyVariable = "TF_VAR_openrouter_api_key";

/**
 * The key given to the CDKTF CLI, read from the CLI's own environment: cdktf-cli 0.21 passes its whole environment to
 * Terraform, but removes every `TF_VAR_` from the environment of its app.
 * @returns undefined if no ancestor of this process has a key
 */
export function keyGivenToCli(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment[keyVariable] !== undefined) return environment[keyVariable];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    const given = environmentOf(pid).find((entry) => entry.startsWith(`${keyVariable}=`));
    if (given) return given.slice(keyVariable.length + 1);
  }
  return undefined;
}

/** Empty for another user's process, which is not readable. */
function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, "utf8").split("\0");
  } catch {
    return [];
  }
}

function parentOf(pid: number): number {
  try {
    return Number(/^PPid:\s+(\d+)$/m.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1] ?? 0);
  } catch {
    return 0;
  }
}
