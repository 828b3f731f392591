import type { Settings } from "../../config/settings";
import { defined } from "../../core/defined";
import { jsonText } from "../../core/text";
import { addressesOf, type Deployment, gatewayAddress, type VaultPlace } from "../deployment";
import { guideNames, namesAt } from "../vault/vault-names";
import { gatewayIdOf } from "./model-id";
import { openclawPaths } from "./openclaw-paths";

/** The models by role, as OpenRouter's ids `author/model`. */
type ModelsByRole = Settings["models"];

interface GuideConfigProps {
  readonly instanceName: string;
  readonly environment: string;
  readonly models: ModelsByRole;
  readonly temperature: number;
  /** The maximum length of an answer, in tokens. */
  readonly maxTokens: number;
  readonly vaultAddress: string;
}

/**
 * Renders the managed sections of the setup guide's config.json (2.12), in its shape and with its names; all others belong to the
 * user. The gateway itself does not read this file.
 */
export function renderGuideConfig(props: GuideConfigProps) {
  const { models } = props;
  const model = (role: string, id: string) => ({ id, provider: "openrouter", role });
  return {
    instance_name: props.instanceName,
    environment: props.environment,
    model: {
      provider: "openrouter",
      default_model: models.default,
      fallback_model: models.fallback,
      temperature: props.temperature,
      max_tokens: props.maxTokens,
    },
    vault: { enabled: true, address: props.vaultAddress, token_env: "VAULT_TOKEN", secret_prefix: "secret" },
    agents: {
      defaults: {
        models: [
          model("primary", models.default),
          model("fallback", models.fallback),
          model("experimentation", models.experimentation),
          model("french", models.french),
          model("open", models.open),
        ],
      },
    },
  };
}

/** The secret provider's name in the gateway's configuration. It does not collide with the user's providers. */
export const secretProviderName = "openclaw-openrouter";

/** The id that the gateway asks the resolver for: the field `api_key` of the secret with the key. */
export const secretReferenceId = "openrouter/api_key";

/** The resolver's variable with the path of the secret, if that is not the setup guide's. */
const keyPathVariable = "OPENROUTER_SECRET";

/** The variable's value for the Vault at a place; undefined for the setup guide's path. */
function keyPathFor(place: VaultPlace): string | undefined {
  const { keyPath } = namesAt(place);
  return keyPath === guideNames.keyPath ? undefined : keyPath;
}

/**
 * The environment that the fragment gives the resolver.
 * @param place the Vault, as this host reaches it
 * @param address the address at which the gateway reaches it
 * @param vaultCa the path of the CA certificates where the gateway runs
 */
export function resolverEnvironment(
  place: VaultPlace,
  address: string,
  vaultCa: string,
): Record<string, string> {
  // Nobody but Vault can make the Unix socket, so there is no certificate.
  const hasCa = place.caFile !== undefined && address === addressesOf(place);
  return {
    VAULT_ADDR: address,
    ...defined({
      VAULT_CACERT: hasCa ? vaultCa : undefined,
      VAULT_NAMESPACE: place.namespace,
      [keyPathVariable]: keyPathFor(place),
    }),
  };
}

/** In milliseconds. The gateway's default of 5 seconds is too short for a host under load. */
const resolverTimeout = 15_000;

export interface FragmentProps {
  /** The base URL of OpenRouter's API. */
  readonly baseUrl: string;
  readonly models: Pick<ModelsByRole, "default" | "fallback">;
  /** The resolver: an absolute path, no symlink, owned by the user who runs OpenClaw. */
  readonly resolverCommand: string;
  /** What the resolver needs to know of Vault: see {@link resolverEnvironment}. */
  readonly resolverEnvironment: Readonly<Record<string, string>>;
}

/**
 * Renders the fragment `openrouter.json5`, which the gateway's openclaw.json includes, as JSON5. It holds no key: the gateway
 * asks the resolver for it.
 */
export function renderFragment(props: FragmentProps): string {
  const fragment = {
    secrets: {
      providers: {
        [secretProviderName]: {
          source: "exec",
          command: props.resolverCommand,
          env: props.resolverEnvironment,
          timeoutMs: resolverTimeout,
          noOutputTimeoutMs: resolverTimeout,
        },
      },
    },
    models: {
      providers: {
        openrouter: {
          baseUrl: props.baseUrl,
          // Without it, an OPENROUTER_API_KEY in the environment or a stored profile overrides the reference.
          auth: "api-key",
          apiKey: { source: "exec", provider: secretProviderName, id: secretReferenceId },
        },
      },
    },
    agents: {
      defaults: {
        model: {
          primary: gatewayIdOf(props.models.default),
          fallbacks: [gatewayIdOf(props.models.fallback)],
        },
      },
    },
  };
  return `${fragmentHeader}${jsonText(fragment)}`;
}

const fragmentHeader = `// Managed by openclaw-openrouter, which writes this file again: changes made here are lost.
// Change the settings of openclaw-openrouter and deploy, or override a value in openclaw.json.
`;

/**
 * The files that are placed in OpenClaw's folder: the setup guide's file, and the fragment that the gateway's openclaw.json
 * includes.
 */
export const artifactNames = ["config.json", "openrouter.json5"] as const;
export type ArtifactName = (typeof artifactNames)[number];

/** Renders the text of each artifact. Neither holds a key. */
export function renderArtifacts(deployment: Deployment): Record<ArtifactName, string> {
  const { settings, address, gateway } = deployment;
  const paths = openclawPaths(gateway?.folder ?? deployment.openclawFolder);
  const guide = renderGuideConfig({
    instanceName: settings.openclaw.instanceName,
    environment: settings.openclaw.environment,
    models: settings.models,
    temperature: settings.openclaw.temperature,
    maxTokens: settings.openclaw.maxTokens,
    vaultAddress: address,
  });
  return {
    "config.json": jsonText(guide),
    "openrouter.json5": renderFragment({
      baseUrl: deployment.baseUrl,
      models: settings.models,
      resolverCommand: paths.resolver,
      resolverEnvironment: resolverEnvironment(deployment, gatewayAddress(deployment), paths.vaultCa),
    }),
  };
}
