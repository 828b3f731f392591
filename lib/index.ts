/**
 * What another CDKTF app imports. Importing it does nothing by itself. Begin with the example
 * `examples/own-app`, which has a test of its stacks.
 *
 * - A Vault and the key, in stacks of your own: {@link VaultServer} with {@link VaultBootstrap}, or `VaultServer.fromAddress`; then
 *   {@link OpenRouterSecret} in a second stack.
 * - What the program itself deploys, from settings: {@link deployment} with {@link VaultStack} and {@link OpenRouterStack}.
 *
 * The constructs declare; what they do at run time is done by this package's own program, which a local-exec calls. Set the
 * app's context {@link programContext} where the package is installed elsewhere than in a `node_modules` beside or above `cdktf.out`.
 *
 * @module
 */

export { type Settings, settingsSchema } from "./config/settings";
export { DeployCheck, type DeployCheckProps } from "./constructs/deploy-check";
export type { ExternalVaultProps } from "./constructs/external-vault";
export { OpenClawConfig, type OpenClawConfigProps } from "./constructs/openclaw-config";
export { OpenRouterSecret, type OpenRouterSecretProps } from "./constructs/openrouter-secret";
export { pinProviders } from "./constructs/pin-providers";
export { programContext } from "./constructs/run-step";
export type { IVault, KeyDeclaration } from "./constructs/vault";
export { VaultBootstrap, type VaultBootstrapProps } from "./constructs/vault-bootstrap";
export { vaultProviderConfig } from "./constructs/vault-provider-config";
export { VaultServer, type VaultServerProps } from "./constructs/vault-server";
export {
  type Deployment,
  deployment,
  type KnownInstance,
  type ListenerRule,
  type VaultPlace,
} from "./model/deployment";
export type { GatewayContainer } from "./model/openclaw/gateway-container";
export type { ReplacedModel } from "./model/openclaw/models";
export { type ArtifactName, artifactNames, renderArtifacts } from "./model/openclaw/openclaw";
export { keyVersion } from "./model/openrouter-key";
export type { GatewayParameters } from "./model/run-parameters";
export type { SealDeclaration } from "./model/vault/seal";
export type { VaultTlsFiles } from "./model/vault/vault-tls";
export { providerVersions } from "./model/versions";
export { OpenRouterStack, type OpenRouterStackProps } from "./stacks/openrouter-stack";
export { VaultStack, type VaultStackProps } from "./stacks/vault-stack";
