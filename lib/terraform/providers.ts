import { existsSync, statSync } from "node:fs";
import { join } from "node:path";
import { type Bundle, partFolder } from "../bundle/bundle";
import { bundleCliConfig, keptCliConfig, providerParts } from "../bundle/bundle-mirror";
import { bundleParts } from "../bundle/bundle-parts";
import { systemCertificates } from "../core/files/certificates";
import { sha256 } from "../core/fingerprint";
import { exchange } from "../core/network/http";
import { proxyFor } from "../core/network/proxy";
import { hostPlatform } from "../core/system/platform";
import { declaredAddresses, registries } from "../model/declared-providers";
import {
  type CliConfig,
  hasCredentials,
  type ProviderInstallation,
  providerInstallation,
  userCliConfig,
} from "./cli-config";
import { narrowedCliConfig } from "./narrow-cli-config";

type ProgramKind = "terraform" | "tofu";

/** The source of the providers. */
export interface ProviderSource {
  readonly kind: "registry" | "mirror" | "bundle";
  /** The value of `TF_CLI_CONFIG_FILE` for Terraform: a configuration that permits only the declared providers. */
  readonly cliConfigFile: string;
  /** The end of a sentence, for messages: "the registry registry.terraform.io". */
  readonly description: string;
  /** A text that changes if the same versions may be other files, so that their lock file is no longer valid. */
  readonly identity: string;
}

/** The choice of a source and its basis. The caller keeps it so that the next run does not ask again. */
interface ProviderChoice {
  readonly kind: ProviderSource["kind"];
  readonly description: string;
  readonly basis: string;
}

interface ChooseOptions {
  readonly program: ProgramKind;
  /** Whether the user asked for the bundle. */
  readonly bundleWanted: boolean;
  /** The choice of the last run. */
  readonly remembered?: ProviderChoice;
  readonly env?: NodeJS.ProcessEnv;
  /** The timeout of a registry or mirror, in milliseconds. @default 3000 */
  readonly timeout?: number;
  /** Asks an address. True if it answers as a registry or mirror does. */
  readonly answers?: Answers;
}

/** @param what a registry's service discovery, or a mirror's list of versions */
type Answers = (
  url: string,
  what: "registry" | "mirror",
  timeout: number,
  env: NodeJS.ProcessEnv,
) => Promise<boolean>;

/**
 * Chooses the source of the providers: the bundle if it is requested, else the source in the user's CLI configuration, else the
 * registry, and the bundle if none of these answers. A remembered choice is reused.
 */
export async function chooseProviders(options: ChooseOptions): Promise<ProviderChoice> {
  const env = options.env ?? process.env;
  const config = userCliConfig(options.program, env);
  const versions = Object.values(providerParts).map((part) => bundleParts[part].version);
  const basis = digest([options.program, options.bundleWanted, config.stamp, versions]);
  if (options.remembered?.basis === basis) return options.remembered;
  if (options.bundleWanted) return { kind: "bundle", description: "the bundle, as asked for", basis };

  const installation = providerInstallation(config.text);
  const registry = registries[options.program];
  const ask = (url: string, what: "registry" | "mirror") =>
    (options.answers ?? defaultAnswers)(url, what, options.timeout ?? 3000, env);
  const askRegistry = () => ask(`https://${registry}/.well-known/terraform.json`, "registry");
  if (installation) {
    const files = config.files.join(", ");
    if (await installationAnswers(installation, registry, ask, askRegistry))
      return { kind: "mirror", description: `what ${files} names`, basis };
    return { kind: "bundle", description: `the bundle (nothing that ${files} names answers)`, basis };
  }
  if (await askRegistry()) return { kind: "registry", description: `the registry ${registry}`, basis };
  return { kind: "bundle", description: `the bundle (${registry} does not answer)`, basis };
}

/** The source for a choice, as Terraform needs it. If it is the bundle, its providers must be built. */
export async function providerSource(
  choice: ProviderChoice,
  program: ProgramKind,
  bundle: Bundle,
  env: NodeJS.ProcessEnv = process.env,
): Promise<ProviderSource> {
  const { kind, description } = choice;
  const config = userCliConfig(program, env);
  if (kind !== "bundle") {
    return {
      kind,
      description,
      identity: kind === "registry" ? kind : `${kind} ${digest(providerInstallation(config.text))}`,
      cliConfigFile: await keptCliConfig(narrowedCliConfig(config.files, [...declaredAddresses]), env),
    };
  }
  // A build with another version of Go makes different files from the same sources.
  const built = Object.values(providerParts).map((part) => [
    part,
    statSync(partFolder(bundle, part)).mtimeMs,
  ]);
  const cliConfigFile = await bundleCliConfig(bundle, keptOf(config), env);
  return { kind, description, identity: `bundle ${digest(built)}`, cliConfigFile };
}

/** The user's configuration to keep if providers come from the bundle: it may contain a backend's credentials. */
function keptOf(config: CliConfig): string {
  return hasCredentials(config.text) && !providerInstallation(config.text) ? config.text : "";
}

async function installationAnswers(
  installation: ProviderInstallation,
  registry: string,
  ask: (url: string, what: "registry" | "mirror") => Promise<boolean>,
  askRegistry: () => Promise<boolean>,
): Promise<boolean> {
  if (installation.filesystemMirrors.some((folder) => holdsProviders(folder, registry))) return true;
  const [source] = Object.keys(providerParts);
  for (const url of installation.networkMirrors) {
    const list = new URL(`${registry}/${source}/index.json`, url.replace(/(?<!\/)\/*$/, "/"));
    if (await ask(list.href, "mirror")) return true;
  }
  return installation.direct && (await askRegistry());
}

/** Whether a folder contains all declared providers in the declared versions, unpacked or as archives. */
function holdsProviders(folder: string, registry: string): boolean {
  const { os, arch } = hostPlatform();
  return Object.entries(providerParts).every(([source, part]) => {
    const { version } = bundleParts[part];
    const base = join(folder, registry, source);
    const archive = `terraform-provider-${source.split("/")[1]}_${version}_${os}_${arch}.zip`;
    return existsSync(join(base, version, `${os}_${arch}`)) || existsSync(join(base, archive));
  });
}

const defaultAnswers: Answers = async (url, what, timeout, env) => {
  try {
    const ca = systemCertificates(env);
    const { status, text } = await exchange(url, { timeout, ca, proxy: proxyFor(url, env) });
    // A mirror may require a login, which Terraform has. A blocked registry may answer too, but with another body.
    return what === "mirror" ? status < 500 : status === 200 && text.includes("providers.v1");
  } catch {
    return false;
  }
};

function digest(value: unknown): string {
  return sha256(JSON.stringify(value) ?? "").slice(0, 16);
}
