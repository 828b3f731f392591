import { wrongUsage } from "../../core/errors";
import { parentOf, textsOf } from "../../core/system/live-process";

const keyVariable = "TF_VAR_openrouter_api_key";

/**
 * The key given to the CDKTF CLI, read from the CLI's own environment: cdktf-cli 0.21 passes its whole environment to
 * Terraform, but removes every `TF_VAR_` from the environment of its app.
 * @returns undefined if no ancestor of this process has a key
 */
export function keyGivenToCli(environment: NodeJS.ProcessEnv = process.env): string | undefined {
  if (environment[keyVariable] !== undefined) return environment[keyVariable];
  for (let pid = process.ppid; pid > 1; pid = parentOf(pid)) {
    const given = textsOf(pid, "environ").find((entry) => entry.startsWith(`${keyVariable}=`));
    if (given) return given.slice(keyVariable.length + 1);
  }
  return undefined;
}

/**
 * By these, Terraform's provider of Vault sends the deployer's credential and the key to a side that is not verified, or logs them,
 * whatever is declared: its client reads them from the environment.
 */
const weakening =
  /^(VAULT_(SKIP_VERIFY|AGENT_ADDR|PROXY_ADDR|HTTP_PROXY)|TERRAFORM_VAULT_LOG_(REQUEST_|RESPONSE_)?BODY)$/;

/**
 * Refuses variables that would weaken Terraform's connection to Vault: the CDKTF CLI passes its whole environment to Terraform, unlike
 * this program's commands.
 * @throws UserError (wrong usage) that names them
 */
export function refuseWeakenedVault(environment: NodeJS.ProcessEnv = process.env): void {
  const names = Object.keys(environment).filter((name) => weakening.test(name) && environment[name]);
  if (names.length === 0) return;
  throw wrongUsage({
    problem:
      "Terraform's provider of Vault would send the deployer's credential and the key to a side that is not verified, or log them. Nothing was changed.",
    got: `${names.join(", ")} in the environment`,
    expected: "an environment without them, since the CDKTF CLI passes all of it to Terraform",
    fix: `unset ${names.join(" ")}\nthen run this command again; or: openclaw-openrouter up, which passes none of them on.`,
  });
}

/**
 * Refuses a workspace, which the CDKTF CLI passes to Terraform: a local backend keeps its states in `cdktf.out`, and another one
 * beside those that this program's commands read. Each of them would take what was deployed as never deployed.
 * @throws UserError (wrong usage)
 */
export function refuseWorkspace({ TF_WORKSPACE: name }: NodeJS.ProcessEnv = process.env): void {
  if (!name || name === "default") return;
  throw wrongUsage({
    problem:
      "Terraform would keep its states in a workspace, where no command of this program looks for them. Nothing was changed.",
    got: `TF_WORKSPACE ${name} in the environment`,
    expected: "no workspace: each environment is an instance, with states of its own",
    fix: "unset TF_WORKSPACE\nthen run this command again. For another environment: export OPENCLAW_OPENROUTER_INSTANCE=NAME",
  });
}

/** A command of the CDKTF CLI that changes what is deployed. Each other one only reads. */
type ChangingCommand = "deploy" | "destroy";

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
    const words = textsOf(pid, "cmdline");
    const cli = words.findIndex((word) => /(^|\/)cdkt[fn](\.js)?$/.test(word));
    const named = words.slice(cli + 1).find((word) => word in changing);
    if (cli !== -1) return named === undefined ? undefined : changing[named];
  }
  return undefined;
}
