import { UserError, wrongUsage } from "../../core/errors";
import { quote } from "../../core/text";
import { locateEngine, providersSocket } from "../../docker/engine-locate";
import { leadsTo } from "../../host/installed-program";
import type { Deployment } from "../../model/deployment";
import { prepareHost } from "../../session/prepare";
import { requireVaultContainer } from "../../session/requirements";
import { ensureHome } from "../../store/home";
import { hostRecord } from "../../store/records/host-record";
import { readKeyRecord } from "../../store/records/key-record";
import type { TerraformProgram } from "../../terraform/install";
import { chooseGatewayContainer } from "./gateway-container";

/**
 * Prepares the host for a bare `cdktf deploy`, before Terraform starts: makes Vault's image of the offline bundle if no registry
 * has it, and checks that its container can be made. It installs no engine and builds nothing, which are the work of `up` and `bundle`.
 * @param key the key given to the CDKTF CLI
 * @param say prints a line for the person
 * @throws UserError that names what is missing (key, engine, permission, image, providers, Terraform) and how to get it; or both
 *   engines, if Terraform would use another one
 */
export async function prepareForCli(
  deployment: Deployment,
  key: string | undefined,
  say: (line: string) => void,
): Promise<void> {
  const { home, settings, external } = deployment;
  if (!key && !external && readKeyRecord(home).version === 0) throw noKeyForCli(deployment.instance);
  if (!external) requireOneEngine();
  ensureHome(home.root);
  await chooseGatewayContainer(deployment, say);
  const record = hostRecord.read(home);
  const host = await prepareHost({
    ...(external ? {} : { wantedImage: settings.vault.image }),
    confirm: async () => false,
    build: false,
    ...(record ? { record } : {}),
  });
  hostRecord.write(home, host.record);
  const warnings = [...host.warnings, ...(await requireVaultContainer({ deployment, host }))];
  for (const warning of warnings) say(`! ${warning}`);
  requireFoundByCli(host.program);
}

function noKeyForCli(instance: string): UserError {
  const isElsewhere = Boolean(process.env.OPENROUTER_API_KEY);
  return wrongUsage({
    problem: `The instance ${instance} has no OpenRouter key yet, and none was given.`,
    got: isElsewhere ? "OPENROUTER_API_KEY, which Terraform does not read" : "no TF_VAR_openrouter_api_key",
    expected: "the key in TF_VAR_openrouter_api_key",
    fix: `${isElsewhere ? 'export TF_VAR_openrouter_api_key="$OPENROUTER_API_KEY"' : "read -rs TF_VAR_openrouter_api_key && export TF_VAR_openrouter_api_key"}\nthen run this command again; or: openclaw-openrouter up --instance ${instance}, which asks for it.`,
  });
}

/**
 * Else Vault's image and network are made on one engine, its container on another, and no later command finds it. `docker context use
 * rootless`, as the rootless engine's own setup runs it, is nothing to Terraform's provider.
 * @throws UserError (wrong usage)
 */
function requireOneEngine(): void {
  const { socket, namedBy } = locateEngine();
  const other = providersSocket();
  if (other === socket || leadsTo(other, socket)) return;
  const unset = process.env.DOCKER_CONTEXT ? "unset DOCKER_CONTEXT\n" : "";
  throw wrongUsage({
    problem:
      "Terraform would deploy to another Docker Engine than this program's commands use. Nothing was changed.",
    got: `${other}, and ${socket} by ${namedBy}`,
    expected: "one engine: Terraform's provider knows DOCKER_CONTEXT and DOCKER_HOST alone",
    fix: `${unset}export DOCKER_HOST=${quote(`unix://${socket}`)}\nthen run this command again; or: openclaw-openrouter up`,
  });
}

/** The CDKTF CLI looks for `terraform` on the PATH, and does not know the offline bundle's OpenTofu. */
function requireFoundByCli({ origin, path }: TerraformProgram): void {
  if (origin === "path" && (path.endsWith("/terraform") || process.env.TERRAFORM_BINARY_NAME)) return;
  throw new UserError({
    problem: "The CDKTF CLI would not find Terraform.",
    got: `no terraform on the PATH, but ${path}`,
    fix: `export TERRAFORM_BINARY_NAME=${quote(path)}\nthen run this command again.`,
  });
}

/** The refusal of `cdktf destroy`, with the commands that remove an instance. */
export function destroyRefused({ instance, external }: Deployment): UserError {
  const why = external
    ? "it would leave this instance's policies and roles in the external Vault"
    : "Vault's volumes and the key carry prevent_destroy, so Terraform could only end with an error";
  return new UserError({
    problem: `\`cdktf destroy\` is refused: ${why}. Nothing was changed.`,
    fix: `openclaw-openrouter destroy --instance ${instance}  (the container and OpenClaw's files; data, shares and state stay)\nopenclaw-openrouter destroy --purge --instance ${instance}  (everything, which cannot be undone)`,
  });
}
