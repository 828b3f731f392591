import { type Deployment, reachOf } from "./deployment";
import type { CheckParameters } from "./run-parameters";

/** The parameters of the check for an instance. */
export function checkParametersOf(deployment: Deployment): CheckParameters {
  const { settings } = deployment;
  const { default: model, ...otherModels } = settings.models;
  const { external } = deployment;
  const { type: seal } = settings.vault.seal;
  const vaultVersion = external ? undefined : /:v?(\d+\.\d+\.\d+)$/.exec(settings.vault.image)?.[1];
  return {
    instance: deployment.instance,
    home: deployment.home.root,
    ...reachOf(deployment),
    ...(external ? { external } : {}),
    container: deployment.container,
    port: deployment.port,
    ...(deployment.tls && !external ? { tls: deployment.tls } : {}),
    ...(seal === "shamir" ? {} : { seal }),
    ...(vaultVersion ? { vaultVersion } : {}),
    baseUrl: deployment.baseUrl,
    ...(settings.openrouter.referer ? { referer: settings.openrouter.referer } : {}),
    title: settings.openrouter.title,
    model,
    otherModels,
    maxTokens: settings.check.maxTokens,
    timeoutSeconds: settings.check.timeoutSeconds,
    maxCostUsd: settings.check.maxCostUsd,
    rotationDays: settings.check.rotationDays,
    ...(settings.check.accepted.length > 0 ? { accepted: settings.check.accepted } : {}),
    budget: settings.budget,
    folder: deployment.openclawFolder,
    ...(settings.openclaw.user === undefined ? {} : { user: settings.openclaw.user }),
    ...(settings.openclaw.node === undefined ? {} : { node: settings.openclaw.node }),
    ...(settings.openclaw.command === undefined ? {} : { command: settings.openclaw.command }),
  };
}
