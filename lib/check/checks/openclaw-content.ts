import { z } from "zod";
import { addressesOf } from "../../model/deployment";
import { gatewayIdOf } from "../../model/openclaw/model-id";
import { resolverEnvironment, secretProviderName, secretReferenceId } from "../../model/openclaw/openclaw";
import { openclawPaths } from "../../model/openclaw/openclaw-paths";
import type { CheckParameters } from "../../model/run-parameters";

const text = z.string().optional().catch(undefined);
const guide = z.object({
  model: z.object({ provider: text, default_model: text, fallback_model: text }),
  vault: z.object({ enabled: z.unknown(), address: text, secret_prefix: text }),
  agents: z.object({ defaults: z.object({ models: z.array(z.object({ id: text })) }) }),
});

/** The values in the setup guide's config.json that differ from the declared ones. */
export function guideProblems(content: unknown, parameters: CheckParameters): string[] {
  const parsed = guide.safeParse(content);
  if (!parsed.success) return missing(parsed.error);
  const { model, vault, agents } = parsed.data;
  const listed = agents.defaults.models.map(({ id }) => id);
  const wanted = [parameters.model, ...Object.values(parameters.otherModels)];
  return [
    ...differs("model.provider", model.provider, "openrouter"),
    ...differs("model.default_model", model.default_model, parameters.model),
    ...differs("model.fallback_model", model.fallback_model, parameters.otherModels.fallback),
    ...wanted.filter((id) => !listed.includes(id)).map((id) => `agents.defaults.models does not list ${id}`),
    ...differs("vault.enabled", vault.enabled, true),
    ...differs("vault.address", vault.address, parameters.address),
    ...differs("vault.secret_prefix", vault.secret_prefix, "secret"),
  ];
}

const fragment = z.object({
  secrets: z.object({
    providers: z.object({
      [secretProviderName]: z.object({ source: text, command: text, env: z.record(z.string(), z.unknown()) }),
    }),
  }),
  models: z.object({
    providers: z.object({
      openrouter: z.object({
        baseUrl: text,
        auth: text,
        apiKey: z.object({ source: text, provider: text, id: text }),
      }),
    }),
  }),
  agents: z.object({ defaults: z.object({ model: z.object({ primary: text, fallbacks: z.array(text) }) }) }),
});

/** The values in the gateway's fragment that differ from the declared ones. */
export function fragmentProblems(content: unknown, parameters: CheckParameters): string[] {
  const parsed = fragment.safeParse(content);
  if (!parsed.success) return missing(parsed.error);
  const { secrets, models, agents } = parsed.data;
  const { baseUrl, auth, apiKey } = models.providers.openrouter;
  const { primary, fallbacks } = agents.defaults.model;
  const provider = secrets.providers[secretProviderName];
  const { gateway, folder } = parameters;
  const paths = openclawPaths(gateway?.folder ?? folder);
  const address = gateway?.address ?? addressesOf(parameters);
  return [
    ...differs("agents.defaults.model.primary", primary, gatewayIdOf(parameters.model)),
    ...differs("agents.defaults.model.fallbacks", fallbacks[0], gatewayIdOf(parameters.otherModels.fallback)),
    ...differs("models.providers.openrouter.baseUrl", baseUrl, parameters.baseUrl),
    // Without it, a key in the environment or a stored profile overrides Vault's key.
    ...differs("models.providers.openrouter.auth", auth, "api-key"),
    ...differs("apiKey.source", apiKey.source, "exec"),
    ...differs("apiKey.provider", apiKey.provider, secretProviderName),
    ...differs("apiKey.id", apiKey.id, secretReferenceId),
    ...differs("the secret provider's source", provider?.source, "exec"),
    ...differs("the secret provider's command", provider?.command, paths.resolver),
    ...Object.entries(resolverEnvironment(parameters, address, paths.vaultCa)).flatMap(([name, value]) =>
      differs(name, provider?.env[name], value),
    ),
  ];
}

function differs(name: string, found: unknown, expected: unknown): string[] {
  if (found === expected) return [];
  const text = JSON.stringify(found) ?? "missing";
  const short = text.length > 80 ? `${text.slice(0, 80)}…` : text;
  return [`${name} is ${short}, expected ${JSON.stringify(expected)}`];
}

function missing(error: z.ZodError): string[] {
  return error.issues
    .slice(0, 3)
    .map(({ path }) => `${path.join(".") || "the whole file"} is missing or has another form`);
}
