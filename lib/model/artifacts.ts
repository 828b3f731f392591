import type { Deployment } from "./deployment";
import { renderFragment, renderGuideConfig } from "./openclaw";
import { openclawPaths } from "./openclaw-paths";

/**
 * The files that are placed in OpenClaw's folder: the setup guide's file, and the fragment that the gateway's openclaw.json
 * includes.
 */
export const artifactNames = ["config.json", "openrouter.json5"] as const;
export type ArtifactName = (typeof artifactNames)[number];

/** Renders the text of each artifact. Neither holds a key. */
export function renderArtifacts(deployment: Deployment): Record<ArtifactName, string> {
  const { settings, address, caFile } = deployment;
  const paths = openclawPaths(deployment.openclawFolder);
  const guide = renderGuideConfig({
    instanceName: settings.openclaw.instanceName,
    environment: settings.openclaw.environment,
    models: settings.models,
    temperature: settings.openclaw.temperature,
    maxTokens: settings.openclaw.maxTokens,
    vaultAddress: address,
  });
  return {
    "config.json": `${JSON.stringify(guide, null, 2)}\n`,
    "openrouter.json5": renderFragment({
      baseUrl: deployment.baseUrl,
      models: settings.models,
      resolverCommand: paths.resolver,
      vaultAddress: address,
      ...(caFile ? { vaultCaFile: paths.vaultCa } : {}),
    }),
  };
}
