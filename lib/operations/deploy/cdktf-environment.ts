import { readFileSync } from "node:fs";

const keyVariable = "TF_VAR_openrouter_api_key";

/**
 * The key that was given to the CDKTF CLI. It hands Terraform its whole environment, but takes every TF_VAR_ out of its app's
 * (cdktf-cli 0.21), so that the app could not tell which key is declared: it is read from the CLI's own environment.
 * @returns undefined where no ancestor of this process was given one
 */
export function keyGivenToCli(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment[keyVariable] !== undefined) return environment[keyVariable];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    const given = environmentOf(pid).find((entry) => entry.startsWith(`${keyVariable}=`));
    if (given) return given.slice(keyVariable.length + 1);
  }
  return undefined;
}

/** Another user's process shows nothing. */
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
