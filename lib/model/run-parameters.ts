import { z } from "zod";
import { checkIds } from "../config/check-ids";

/**
 * What a construct's local-exec hands to the package's own program, as JSON in {@link parametersVariable}: all that a
 * run-time step must know. Settings are not read there, so that the constructs work in an app without any.
 */
export const parametersVariable = "OPENCLAW_OPENROUTER_PARAMETERS";

const absolutePath = z.string().startsWith("/");

/** How the host reaches Vault. */
const reach = {
  address: z.url(),
  /** CA certificates that verify Vault's. */
  caFile: absolutePath.exactOptional(),
  /** For plain HTTP: how it is known who listens. */
  listener: z
    .object({
      home: absolutePath,
      container: z.string().exactOptional(),
      own: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  /** Set if Vault is external. */
  external: z.object({ container: z.string().exactOptional() }).exactOptional(),
};

export const bootstrapParameters = z.object({
  /** The instance directory. */
  home: absolutePath,
  ...reach,
  container: z.string(),
  dataVolume: z.string(),
  /** Shares to make, and how many of them unseal. */
  shares: z.int(),
  threshold: z.int(),
});
export type BootstrapParameters = z.output<typeof bootstrapParameters>;

export const connectParameters = z.object({ home: absolutePath, ...reach });
export type ConnectParameters = z.output<typeof connectParameters>;

export const storeKeyParameters = z.object({
  home: absolutePath,
  ...reach,
  /** Which key is to be stored. */
  keyVersion: z.int(),
  keyGeneration: z.int(),
});
export type StoreKeyParameters = z.output<typeof storeKeyParameters>;

/** Files of the host with which Vault serves by TLS. */
const tlsFiles = z.object({
  certificateFile: absolutePath,
  keyFile: absolutePath,
  caFile: absolutePath,
  /** Whether this program makes and renews them. */
  made: z.literal(true).exactOptional(),
});

export const prepareContainerParameters = z.object({
  /** The instance directory. */
  home: absolutePath,
  /** By which a container is known as ours. */
  instanceId: z.string(),
  container: z.string(),
  network: z.string(),
  homeVolume: z.string(),
  socketVolume: z.string(),
  /** The image as the engine knows it. */
  image: z.string(),
  /** Port on 127.0.0.1. */
  port: z.int(),
  /** Missing if Vault serves plain HTTP. */
  tls: tlsFiles.exactOptional(),
});
export type PrepareContainerParameters = z.output<typeof prepareContainerParameters>;

export const placeSealParameters = z.object({
  /** By which a container is known as ours. */
  instanceId: z.string(),
  container: z.string(),
  homeVolume: z.string(),
  /** The image as the engine knows it. */
  image: z.string(),
  ...reach,
  seal: z.object({
    type: z.enum(["transit", "awskms", "azurekeyvault", "gcpckms"]),
    options: z.record(z.string(), z.string()),
    /** Files of the host that hold values. */
    secrets: z.record(z.string(), absolutePath),
    /** Files of the host that are placed beside the configuration. */
    files: z.record(z.string(), absolutePath),
  }),
});
export type PlaceSealParameters = z.output<typeof placeSealParameters>;

export const installParameters = z.object({
  home: absolutePath,
  /** OpenClaw's configuration folder. */
  folder: absolutePath,
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The Node that runs OpenClaw. @default it is looked for */
  node: absolutePath.exactOptional(),
  /** What verifies Vault's certificate. */
  caFile: absolutePath.exactOptional(),
});
export type InstallParameters = z.output<typeof installParameters>;

export const checkParameters = z.object({
  instance: z.string(),
  home: absolutePath,
  ...reach,
  container: z.string(),
  /** Port on 127.0.0.1, of a Vault of the instance's own. */
  port: z.int(),
  /** The files with which that one serves by TLS. */
  tls: tlsFiles.exactOptional(),
  /** What unseals Vault, where it is not people's shares. */
  seal: z.string().exactOptional(),
  /** The declared version of Vault; none if the image's tag does not tell it. */
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
  /** Warnings that the settings accept. @default none */
  accepted: z
    .array(z.object({ id: z.enum(checkIds), reason: z.string(), until: z.string().exactOptional() }))
    .exactOptional(),
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
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
});
/** What the check must know. */
export interface CheckParameters extends z.output<typeof checkParameters> {}
