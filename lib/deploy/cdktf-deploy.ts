import { z } from "zod";
import { UserError } from "../errors";
import { childEnvironment } from "../host/environment";
import { packageRoot } from "../host/package-root";
import { run } from "../host/process";
import { readTextIfThere } from "../instance/files";
import { lockVariable } from "../instance/lock";
import { stackNames } from "../model/home-paths";
import type { Progress } from "../progress";
import type { ApplyOptions } from "./apply-stacks";
import { obtainCdktfCli } from "./cdktf-cli";
import type { DeployContext } from "./context";
import { checkVariable } from "./terraform-stack";

const stateSchema = z.object({
  resources: z.array(
    z.object({
      type: z.string(),
      name: z.string(),
      instances: z.array(z.object({ attributes: z.unknown() })),
    }),
  ),
});

/**
 * Deploys both stacks the CDKTF way: `cdktf deploy '*'` of this project, whose app synthesizes for the instance.
 * @returns whether either state changed
 * @throws UserError where it fails, with its last lines
 */
export async function cdktfDeploy(
  context: DeployContext,
  { key }: ApplyOptions,
  settingsFile: string | undefined,
  progress: Progress,
): Promise<boolean> {
  const cli = await obtainCdktfCli(progress);
  const { deployment, host, lock, signal } = context;
  const before = states(context);
  const result = await run(cli.node, [cli.script, "deploy", "*", "--auto-approve"], {
    cwd: packageRoot(),
    signal,
    onLine: (line) => progress(line.trim()),
    env: childEnvironment({
      DOCKER_HOST: host.engine.host,
      TERRAFORM_BINARY_NAME: host.program.path,
      TF_CLI_CONFIG_FILE: host.providers.cliConfigFile,
      // Without it a missing variable would make the CLI wait for an answer for ever.
      TF_INPUT: "0",
      TF_VAR_openrouter_api_key: key,
      OPENCLAW_OPENROUTER_INSTANCE: deployment.instance,
      OPENCLAW_OPENROUTER_SETTINGS: settingsFile,
      [lockVariable]: lock.token,
      [checkVariable]: "later",
      CHECKPOINT_DISABLE: "1",
      DISABLE_VERSION_CHECK: "1",
      CI: "true",
      NO_COLOR: "1",
      FORCE_COLOR: "0",
    }),
  });
  if (result.exitCode === 0) return states(context) !== before;
  throw new UserError({
    problem: "`cdktf deploy '*'` failed.",
    got: result.failure ?? `${result.stdout}\n${result.stderr}`.trim().split("\n").slice(-40).join("\n"),
    remedy: "npx openclaw-openrouter up  deploys the same without the CDKTF CLI, and says more.",
  });
}

/** What both states say of the resources. Terraform writes the rest anew at each apply, in an order of its own. */
function states({ deployment }: DeployContext): string {
  return stackNames
    .map((stack) => readTextIfThere(deployment.home.state(stack)))
    .map((text) => JSON.stringify(text ? stateSchema.parse(JSON.parse(text)) : undefined))
    .join();
}
