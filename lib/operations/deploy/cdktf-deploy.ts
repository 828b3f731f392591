import { UserError } from "../../core/errors";
import { noProxyFor } from "../../core/network/proxy";
import type { Progress } from "../../core/progress";
import { childEnvironment } from "../../core/system/environment";
import { packageRoot } from "../../core/system/package-root";
import { run } from "../../core/system/process";
import { addressesOf } from "../../model/deployment";
import type { ApplyOptions } from "../../session/apply-stacks";
import type { DeployContext } from "../../session/context";
import { lockVariable } from "../../store/lock";
import { checkVariable } from "../../terraform/terraform-stack";
import { sharesSocketVariable } from "../../vault/shares/shares-socket";
import { installCdktfCli } from "./cdktf-cli";

/** Terraform's last line of an apply: the numbers of imported, added, changed and destroyed resources. */
const applied = /Apply complete! Resources: (.+)\./;

/**
 * Deploys both stacks with `cdktf deploy '*'` of this project, whose app synthesizes the stacks of the instance.
 * @returns whether anything changed
 * @throws UserError if it fails, with its last 40 lines
 */
export async function cdktfDeploy(
  context: DeployContext,
  { key }: ApplyOptions,
  progress: Progress,
): Promise<boolean> {
  const cli = await installCdktfCli(progress);
  const { deployment, host, lock, signal, sharesSocket } = context;
  let changed = false;
  // In the clone's own `cdktf.out`, another instance's run at the same time would replace these stacks by its own.
  const output = ["--output", deployment.home.cdktfCliOut];
  const result = await run(cli.node, [cli.script, "deploy", "*", "--auto-approve", ...output], {
    cwd: packageRoot(),
    signal,
    onLine: (line) => {
      changed ||= /[1-9]/.test(applied.exec(line)?.[1] ?? "");
      progress(line.trim());
    },
    env: childEnvironment(
      {
        DOCKER_HOST: host.engine?.host,
        NO_PROXY: noProxyFor(addressesOf(deployment), process.env),
        TERRAFORM_BINARY_NAME: host.program.path,
        TF_CLI_CONFIG_FILE: host.providers.cliConfigFile,
        // Without it, the CLI waits forever for the value of a missing variable.
        TF_INPUT: "0",
        TF_FORCE_LOCAL_BACKEND: "1",
        TF_VAR_openrouter_api_key: key,
        OPENCLAW_OPENROUTER_INSTANCE: deployment.instance,
        // Empty rather than the caller's own, which this command does not read.
        OPENCLAW_OPENROUTER_SETTINGS: deployment.settingsFile ?? "",
        [lockVariable]: lock.token,
        [checkVariable]: "later",
        [sharesSocketVariable]: sharesSocket,
        CHECKPOINT_DISABLE: "1",
        DISABLE_VERSION_CHECK: "1",
        CI: "true",
        NO_COLOR: "1",
        FORCE_COLOR: "0",
      },
      process.env,
      { secrets: true },
    ),
  });
  if (result.exitCode === 0) return changed;
  throw new UserError({
    problem: "`cdktf deploy '*'` failed.",
    got: result.failure ?? `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-40).join("\n"),
    fix: "openclaw-openrouter up  deploys the same without the CDKTF CLI, and reports more.",
  });
}
