import { z } from "zod";

/**
 * Every option of an instance: its shape, its default, one sentence. No option is read anywhere else.
 * No settings file at all gives the setup guide's own arrangement.
 */
export const settingsSchema = z.strictObject({
  $schema: z.string().optional().describe("The JSON Schema of this file, for editors."),

  vault: z
    .strictObject({
      container: z
        .string()
        .regex(/^[a-zA-Z0-9][a-zA-Z0-9_.-]+$/)
        .optional()
        .describe("Name of the Vault container. Default: `vault` (guide 2.7), for other instances `vault-<instance>`."),
      port: z.int().min(1).max(65535).default(8200).describe("Port on 127.0.0.1 at which Vault answers."),
      image: z
        .string()
        .min(1)
        .default("hashicorp/vault:1.21.2")
        .describe("Vault's image. Where no registry has it, the kit's own build of the same version is used."),
      memoryMegabytes: z.int().min(128).default(512).describe("Memory limit of the container, in MiB; no swap beyond it."),
      ui: z.boolean().default(true).describe("Serve Vault's web interface on the same port (guide 2.7)."),
      telemetry: z.boolean().default(false).describe("Keep metrics for Prometheus at /v1/sys/metrics (needs a token)."),
      shares: z.int().min(1).max(255).default(5).describe("Unseal key shares made at initialisation."),
      threshold: z.int().min(1).max(255).default(3).describe("How many shares unseal Vault."),
    })
    .prefault({})
    .describe("The Vault server."),

  openrouter: z
    .strictObject({
      baseUrl: z.url().default("https://openrouter.ai/api/v1").describe("Base URL of OpenRouter's API."),
      referer: z.url().optional().describe("Sent as HTTP-Referer, by which OpenRouter attributes calls."),
      title: z.string().default("OpenClaw").describe("Sent as X-OpenRouter-Title."),
    })
    .prefault({})
    .describe("OpenRouter's API."),

  models: z
    .strictObject({
      default: z.string().default("anthropic/claude-sonnet-5").describe("Answers by default (guide: Claude Sonnet 4)."),
      fallback: z.string().default("anthropic/claude-haiku-4.5").describe("Takes over on errors and timeouts (guide: Claude Haiku 3.5)."),
      experimentation: z.string().default("google/gemini-2.5-flash").describe("For volume (guide: Gemini 2.0 Flash)."),
      french: z.string().default("mistralai/mistral-large-2512").describe("For French text (guide: Mistral Large)."),
      open: z.string().default("meta-llama/llama-3.3-70b-instruct").describe("The open model (guide: Llama 3.3 70B)."),
    })
    .prefault({})
    .describe("The models by role, as OpenRouter ids `author/model`."),

  openclaw: z
    .strictObject({
      folder: z.string().optional().describe("OpenClaw's configuration folder. Default: `~/.openclaw`, for other instances `~/.openclaw-<instance>`."),
      instanceName: z.string().min(1).default("openclaw").describe("`instance_name` in the guide's config.json."),
      environment: z.string().min(1).default("production").describe("`environment` in the guide's config.json."),
      temperature: z.number().min(0).max(2).default(0.3).describe("Sampling temperature in the guide's config.json."),
      maxTokens: z.int().min(1).default(8192).describe("Largest answer, in tokens, in the guide's config.json."),
    })
    .prefault({})
    .describe("OpenClaw's configuration."),

  check: z
    .strictObject({
      maxTokens: z.int().min(1).max(1024).default(16).describe("Largest answer of the check's chat, in tokens."),
      timeoutSeconds: z.number().positive().max(600).default(30).describe("How long one call to OpenRouter may take, in seconds."),
    })
    .prefault({})
    .describe("The check after each deploy."),

  terraform: z
    .strictObject({
      backend: z
        .discriminatedUnion("type", [
          z.strictObject({ type: z.literal("local") }),
          z.strictObject({
            type: z.enum(["pg", "s3", "gcs", "azurerm", "http", "consul", "remote"]),
            config: z.record(z.string(), z.unknown()).default({}),
          }),
        ])
        .prefault({ type: "local" })
        .describe("Where Terraform's state is kept. Default: in the instance home. Credentials go by environment."),
    })
    .prefault({})
    .describe("Terraform."),
});

/** The settings of one instance, with every default filled in. */
export type Settings = z.output<typeof settingsSchema>;
