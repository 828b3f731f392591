import { z } from "zod";

/**
 * What a construct's local-exec hands to the package's own program, as JSON in {@link parametersVariable}: all that a
 * run-time step must know. Settings are not read there, so that the constructs work in an app without any.
 */
export const parametersVariable = "OPENCLAW_OPENROUTER_PARAMETERS";

const absolutePath = z.string().startsWith("/");

export const bootstrapParameters = z.object({
  /** The instance home. */
  home: absolutePath,
  /** Vault's address, as the host reaches it. */
  address: z.url(),
  container: z.string(),
  dataVolume: z.string(),
  /** Shares to make, and how many of them unseal. */
  shares: z.int(),
  threshold: z.int(),
});
export type BootstrapParameters = z.output<typeof bootstrapParameters>;

export const installParameters = z.object({
  home: absolutePath,
  /** OpenClaw's configuration folder. */
  folder: absolutePath,
});
export type InstallParameters = z.output<typeof installParameters>;

export const checkParameters = z.object({
  instance: z.string(),
  home: absolutePath,
  address: z.url(),
  container: z.string(),
  /** The declared version of Vault; none where the image's tag does not tell it. */
  vaultVersion: z.string().exactOptional(),
  /** OpenRouter's base URL. */
  baseUrl: z.url(),
  referer: z.url().exactOptional(),
  title: z.string(),
  /** The default model. */
  model: z.string(),
  /** The models of the other roles. */
  otherModels: z.object({
    fallback: z.string(),
    experimentation: z.string(),
    french: z.string(),
    open: z.string(),
  }),
  maxTokens: z.int(),
  timeoutSeconds: z.number(),
  /** What the chats of one check may cost at most, in USD. */
  maxCostUsd: z.number(),
  /** Age of the stored key from which it should be rotated. */
  rotationDays: z.int(),
  budget: z.object({
    alertEur: z.number(),
    hardLimitEur: z.number(),
    usdPerEur: z.number(),
    /** The day of the rate, YYYY-MM-DD. */
    rateDate: z.string(),
    /** USD a million tokens. */
    priceCeiling: z.number(),
  }),
  /** OpenClaw's configuration folder. */
  folder: absolutePath,
});
export type CheckParameters = z.output<typeof checkParameters>;
