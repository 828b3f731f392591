import { z } from "zod";
import { checkIds } from "../config/check-ids";
import { text } from "../config/options";
import { defined } from "../core/defined";
import { type Deployment, gatewayAddress, reachOf, type VaultPlace } from "./deployment";
import { userOfGateway } from "./openclaw/gateway-container";

/**
 * The variable with which a construct's local-exec passes the parameters of a run-time step, as JSON, to the package's program.
 * A step reads no settings, so that the constructs work in an app without them.
 */
export const parametersVariable = "OPENCLAW_OPENROUTER_PARAMETERS";

const absolutePath = text(/^\//, "an absolute path");

/** The way by which the host reaches Vault. */
const reach = {
  address: z.url(),
  /** Further addresses of an external cluster. */
  otherAddresses: z.array(z.url()).readonly().exactOptional(),
  /** CA certificates that verify Vault's certificate. */
  caFile: absolutePath.exactOptional(),
  /** The namespace of an external Vault. */
  namespace: z.string().exactOptional(),
  /** For plain HTTP: the rule that identifies the listener. */
  listener: z
    .object({
      home: absolutePath,
      container: z.string().exactOptional(),
      own: z.literal(true).exactOptional(),
    })
    .exactOptional(),
  /** Set if Vault is external: the container that it runs in, the instance's names in it, and its name as a joined host. */
  external: z
    .object({
      container: z.string().exactOptional(),
      prefix: z.string(),
      keyPath: z.string(),
      joinedAs: z.string().exactOptional(),
    })
    .exactOptional(),
};

const gateway = z.object({
  container: z.string(),
  /** OpenClaw's folder as the container has it. */
  folder: absolutePath,
  /** The container's Node. */
  node: absolutePath,
  /** Vault's address as the container reaches it. */
  address: z.string(),
  /** The volume of Vault's Unix listener. */
  socketVolume: z.string(),
});

const bootstrapParameters = z.object({
  /** The instance directory. */
  home: absolutePath,
  ...reach,
  container: z.string(),
  dataVolume: z.string(),
  /** The number of shares, and the number that unseals Vault. */
  shares: z.int(),
  threshold: z.int(),
});

const connectParameters = z.object({ home: absolutePath, ...reach });

const storeKeyParameters = z.object({
  home: absolutePath,
  ...reach,
  /** The version of the key. */
  keyVersion: z.int(),
  keyGeneration: z.int(),
});

/** Files on the host with which Vault serves TLS. */
const tlsFiles = z.object({
  certificateFile: absolutePath,
  keyFile: absolutePath,
  caFile: absolutePath,
  /** Whether this program makes and renews them. */
  made: z.literal(true).exactOptional(),
});

const prepareContainerParameters = z.object({
  /** The instance directory. */
  home: absolutePath,
  /** The id that marks a container as managed. */
  instanceId: z.string(),
  container: z.string(),
  network: z.string(),
  homeVolume: z.string(),
  socketVolume: z.string(),
  /** The uid that enters the folder of the Unix listener. @default Vault's own only */
  socketUser: z.int().exactOptional(),
  /** The image as the engine knows it. */
  image: z.string(),
  /** Port on 127.0.0.1. */
  port: z.int(),
  /** The private address at which other hosts reach Vault. */
  listen: z.string().exactOptional(),
  /** Undefined if Vault serves plain HTTP. */
  tls: tlsFiles.exactOptional(),
});

const placeSealParameters = z.object({
  /** The id that marks a container as managed. */
  instanceId: z.string(),
  container: z.string(),
  homeVolume: z.string(),
  /** The image as the engine knows it. */
  image: z.string(),
  ...reach,
  seal: z.object({
    type: z.enum(["transit", "awskms", "azurekeyvault", "gcpckms"]),
    options: z.record(z.string(), z.string()),
    /** Files on the host that hold values. */
    secrets: z.record(z.string(), absolutePath),
    /** Files on the host that are placed beside the configuration. */
    files: z.record(z.string(), absolutePath),
  }),
});

const installParameters = z.object({
  home: absolutePath,
  /** OpenClaw's configuration folder. */
  folder: absolutePath,
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The Node that runs OpenClaw. @default found by the installer */
  node: absolutePath.exactOptional(),
  /** CA certificates that verify the certificate of Vault. */
  caFile: absolutePath.exactOptional(),
  /** The container in which the gateway runs. @default it runs on this host */
  gateway: gateway.exactOptional(),
});

const checkParameters = z.object({
  instance: z.string(),
  home: absolutePath,
  ...reach,
  container: z.string(),
  /** The port on 127.0.0.1 of the instance's own Vault. */
  port: z.int(),
  /** The files with which the instance's own Vault serves TLS. */
  tls: tlsFiles.exactOptional(),
  /** The seal's type, if Vault unseals itself. */
  seal: z.string().exactOptional(),
  /** The declared version of Vault; undefined if the image's tag does not show it. */
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
  /** The maximum cost of one check's chats, in USD. */
  maxCostUsd: z.number(),
  /** The age of the stored key, in days, from which it should be rotated. */
  rotationDays: z.int(),
  /** The warnings that the settings accept. @default none */
  accepted: z
    .array(
      z.object({
        id: z.enum(checkIds),
        /** Its name, or the begin of several and a `*`. @default the check's only warning */
        warning: z.string().exactOptional(),
        reason: z.string(),
        until: z.string().exactOptional(),
      }),
    )
    .exactOptional(),
  budget: z.object({
    alertEur: z.number(),
    hardLimitEur: z.number(),
    usdPerEur: z.number(),
    /** The day of the rate, YYYY-MM-DD. */
    rateDate: z.string(),
    /** In USD for a million tokens. */
    priceCeiling: z.number(),
  }),
  /** OpenClaw's configuration folder. */
  folder: absolutePath,
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The container in which the gateway runs. @default it runs on this host */
  gateway: gateway.exactOptional(),
  /** The Node that runs OpenClaw. @default found */
  node: absolutePath.exactOptional(),
  /** The program `openclaw`. @default found */
  command: absolutePath.exactOptional(),
});

/** The steps that Terraform runs: hidden commands of the program, each with its parameters. None of them is a secret. */
export const stepParameters = {
  "prepare-container": prepareContainerParameters,
  "place-seal": placeSealParameters,
  bootstrap: bootstrapParameters,
  connect: connectParameters,
  "store-key": storeKeyParameters,
  install: installParameters,
  verify: checkParameters,
} as const;
export type StepName = keyof typeof stepParameters;
/** The parameters of each step. */
export type StepTable = { readonly [S in StepName]: z.output<(typeof stepParameters)[S]> };
export type StepParameters<S extends StepName> = StepTable[S];

export type BootstrapParameters = StepParameters<"bootstrap">;
export type ConnectParameters = StepParameters<"connect">;
export type StoreKeyParameters = StepParameters<"store-key">;
export type PrepareContainerParameters = StepParameters<"prepare-container">;
export type PlaceSealParameters = StepParameters<"place-seal">;
export type InstallParameters = StepParameters<"install">;
/** The container in which the gateway runs, for the steps. */
export interface GatewayParameters extends z.output<typeof gateway> {}
/** The parameters of the check. */
export interface CheckParameters extends z.output<typeof checkParameters> {}

/**
 * The parameters of bootstrap for an instance.
 * @param place the current place of its Vault; by default the declared one
 */
export function bootstrapParametersOf(
  { home, container, dataVolume, settings, ...declared }: Deployment,
  place: VaultPlace = declared,
): BootstrapParameters {
  const { shares, threshold } = settings.vault;
  return { home: home.root, ...reachOf(place), container, dataVolume, shares, threshold };
}

/** The user who runs OpenClaw, as `accountOf` takes it; undefined for the user who deploys. */
export function openclawUserOf({ settings, gateway }: Deployment): string | undefined {
  return settings.openclaw.user ?? (gateway && userOfGateway(gateway));
}

function gatewayOf(deployment: Deployment): GatewayParameters | undefined {
  const { gateway, socketVolume } = deployment;
  if (!gateway) return undefined;
  const { container, folder, node } = gateway;
  return { container, folder, node, socketVolume, address: gatewayAddress(deployment) };
}

/** The parameters of the installer of OpenClaw's files for an instance. */
export function installParametersOf(deployment: Deployment): InstallParameters {
  const { home, openclawFolder, settings, caFile } = deployment;
  const { node } = settings.openclaw;
  const placed = { user: openclawUserOf(deployment), gateway: gatewayOf(deployment) };
  return { home: home.root, folder: openclawFolder, ...defined({ ...placed, node, caFile }) };
}

/** The parameters of the check for an instance. */
export function checkParametersOf(deployment: Deployment): CheckParameters {
  const { instance, home, container, port, tls, baseUrl, openclawFolder, external, settings } = deployment;
  const { default: model, ...otherModels } = settings.models;
  const { accepted, ...check } = settings.check;
  const { type: seal } = settings.vault.seal;
  const version = /:v?(\d+\.\d+\.\d+)(@.*)?$/.exec(settings.vault.image)?.[1];
  return {
    ...{ instance, home: home.root, container, port, baseUrl, folder: openclawFolder },
    ...reachOf(deployment),
    title: settings.openrouter.title,
    ...{ model, otherModels, ...check, budget: settings.budget },
    ...defined({
      external,
      tls: external ? undefined : tls,
      seal: seal === "shamir" ? undefined : seal,
      vaultVersion: external ? undefined : version,
      referer: settings.openrouter.referer,
      accepted: accepted.length > 0 ? accepted : undefined,
      user: openclawUserOf(deployment),
      gateway: gatewayOf(deployment),
      node: settings.openclaw.node,
      command: settings.openclaw.command,
    }),
  };
}
