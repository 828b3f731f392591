import { existsSync } from "node:fs";
import { buildParts } from "../bundle/build-bundle";
import { type Bundle, missingParts, openBundle } from "../bundle/bundle";
import { providerParts } from "../bundle/bundle-mirror";
import type { PartName } from "../bundle/bundle-parts";
import {
  imageError,
  makeBundleImage,
  presentImage,
  pullImage,
  registryImage,
  type VaultImage,
} from "../bundle/image";
import { fetchImageTools, imageToolsFolder } from "../bundle/image-tools";
import { takeImportedBundle } from "../bundle/imported-bundle";
import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { type Progress, silent } from "../core/progress";
import { type Engine, loopbackWarning, runningEngine } from "../docker/engine";
import { type Confirm, ensureEngine } from "../docker/engine-install";
import type { HostRecord } from "../store/records/host-record";
import { bundleTerraform, findTerraform, oldestTerraform, type TerraformProgram } from "../terraform/install";
import { chooseProviders, type ProviderSource, providerSource } from "../terraform/providers";
import { requireOnHost } from "./require-on-host";
import { type Proof, requireSameEngine } from "./same-engine";

interface PrepareOptions {
  /** The setting `vault.image`. @default no container is created: no engine and no image is installed */
  readonly wantedImage?: string;
  /** `--bundle`: true, or an imported bundle's folder. */
  readonly bundle?: string | true;
  readonly record?: HostRecord;
  /** The instance must be on this engine. @default nothing was deployed yet */
  readonly proof?: Proof;
  readonly confirm: Confirm;
  /** Whether missing parts are built, which takes minutes, or are an error. @default true */
  readonly build?: boolean;
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  readonly env?: NodeJS.ProcessEnv;
}

/** Everything that a deploy uses on the host. */
export interface PreparedHost {
  /** Undefined if none is needed and none runs. */
  readonly engine?: Engine;
  readonly program: TerraformProgram;
  readonly providers: ProviderSource;
  /** Undefined if none is needed. */
  readonly image?: VaultImage;
  /** The record for the next run. */
  readonly record: HostRecord;
  /** One sentence each, for people. */
  readonly warnings: readonly string[];
}

/** What a deploy with a container uses on the host. */
export interface ContainerHost extends PreparedHost {
  readonly engine: Engine;
  readonly image: VaultImage;
}

/**
 * Finds what a deploy needs, and installs what is missing: the engine, Terraform, the providers, Vault's image.
 * @throws UserError if no source has a missing part, if it would have to be built and may not be, or if the engine is not the
 *   recorded one, or runs this program itself in a container
 */
export function prepareHost(
  options: PrepareOptions & { readonly wantedImage: string },
): Promise<ContainerHost>;
export function prepareHost(options: PrepareOptions): Promise<PreparedHost>;
export async function prepareHost(options: PrepareOptions): Promise<PreparedHost> {
  const { env = process.env, progress = silent, signal, record } = options;
  const common = { env, progress, ...defined({ signal }) };
  const bundle = openBundle({ env });
  if (typeof options.bundle === "string") await takeImportedBundle(options.bundle, bundle, common);

  const { wantedImage } = options;
  const engine =
    wantedImage === undefined
      ? await runningEngine(env)
      : await ensureEngine({ ...common, confirm: options.confirm });
  if (engine && wantedImage !== undefined) await requireOnHost(engine.api, env);
  if (engine && wantedImage !== undefined && options.proof)
    await requireSameEngine(engine, record?.engineId, options.proof);
  const search = await findTerraform(env);
  const program = search.program ?? bundleTerraform(bundle);

  progress("looking for the providers and Vault's image");
  const [choice, found] = await Promise.all([
    chooseProviders({
      program: program.kind,
      bundleWanted: options.bundle !== undefined,
      env,
      ...defined({ remembered: record?.providers }),
    }),
    engine && wantedImage !== undefined ? findImage(engine, wantedImage, options, common) : undefined,
  ]);
  const image = found?.image;

  const needed: [reason: string | undefined, parts: readonly PartName[]][] = [
    [notOnPath(program, search.rejected), ["opentofu"]],
    [
      choice.kind === "bundle" ? `the providers from ${choice.description}` : undefined,
      Object.values(providerParts),
    ],
    [
      wantedImage === undefined || image ? undefined : (found?.failure ?? `no image ${wantedImage}`),
      ["vault"],
    ],
  ];
  const parts = needed.flatMap(([reason, names]) => (reason === undefined ? [] : names));
  const why = needed.flatMap(([reason]) => reason ?? []);
  if (options.build === false) requireBuilt(bundle, parts, why);
  await Promise.all([
    buildParts(bundle, parts, { ...common, why }),
    parts.includes("vault") ? fetchImageTools(bundle, common) : undefined,
  ]);

  const providers = await providerSource(choice, program.kind, bundle, env);
  const warnings = programWarnings(program, search.rejected);
  if (!engine || wantedImage === undefined) {
    return { ...defined({ engine }), program, providers, record: { providers: choice }, warnings };
  }
  const used = image ?? (await makeBundleImage(engine.api, bundle, common));
  return {
    engine,
    program,
    providers,
    image: used,
    record: {
      engineId: engine.id,
      ...(engine.limitsMemory ? {} : { limitsMemory: false as const }),
      providers: choice,
      image: { wanted: wantedImage, reference: used.reference },
      ...defined({ program: record?.program }),
    },
    warnings: [...warnings, encryptionWarning(), loopbackWarning(engine), memoryWarning(engine)].filter(
      (warning) => warning !== undefined,
    ),
  };
}

/** Why the bundle's OpenTofu is used; undefined for a program on the PATH. */
function notOnPath({ origin }: TerraformProgram, rejected: readonly string[]): string | undefined {
  if (origin === "path") return undefined;
  return rejected.join("; ") || "neither terraform nor tofu on PATH";
}

/** @throws UserError that names the parts that are not built */
function requireBuilt(bundle: Bundle, parts: readonly PartName[], why: readonly string[]): void {
  const isToolMissing = parts.includes("vault") && !existsSync(imageToolsFolder(bundle));
  const missing = [
    ...missingParts(bundle, parts),
    ...(isToolMissing ? ["the programs of Vault's image"] : []),
  ];
  if (missing.length === 0) return;
  throw new UserError({
    problem: `Parts of the deploy are neither on this host nor in a registry that answers: ${missing.join(", ")}.`,
    got: why.join("; "),
    expected: `a registry, or these parts in ${bundle.folder}`,
    fix: "openclaw-openrouter bundle\nwhich builds them (some 10 minutes, once); then run this command again. Without a network:\nopenclaw-openrouter up --bundle DIR, with a folder that `bundle --out DIR` made on another host.",
  });
}

/** An image from the engine or a registry; without one it must be built from the bundle, since a pull failed or is not wanted. */
interface FoundImage {
  readonly image?: VaultImage;
  readonly failure?: string;
}

async function findImage(
  engine: Engine,
  wanted: string,
  options: PrepareOptions,
  common: { readonly progress: Progress; readonly signal?: AbortSignal },
): Promise<FoundImage> {
  const last = options.record?.image;
  const present = await presentImage(
    engine.api,
    wanted,
    last?.wanted === wanted ? last.reference : undefined,
  );
  if (present) return { image: present };
  if (wanted === registryImage && options.bundle !== undefined) return {};
  const failure = await pullImage(engine.api, wanted, { ...common, engineFolder: engine.dataFolder });
  if (failure !== undefined && wanted !== registryImage) throw imageError(wanted, failure);
  if (failure !== undefined) {
    const told = `${wanted} could not be pulled: ${failure}`;
    common.progress(`image: ${told}`);
    return { failure: told };
  }
  const pulled = await engine.api.inspectImage(wanted);
  return pulled ? { image: { reference: wanted, id: pulled.Id, origin: "registry" } } : {};
}

/** As on Raspberry Pi OS, or for a rootless engine to which systemd delegates no controller. */
function memoryWarning({ limitsMemory }: Engine): string | undefined {
  if (limitsMemory) return undefined;
  return "The kernel does not limit this engine's containers in memory, so `vault.memoryMegabytes` has no effect. To have it limited, add cgroup_enable=memory to the kernel's command line and reboot; for a rootless engine, have systemd delegate the memory controller.";
}

/** This program reads the states itself, to judge them before Terraform does. */
function encryptionWarning(): string | undefined {
  if (!process.env.TF_ENCRYPTION) return undefined;
  return "TF_ENCRYPTION is not used: Terraform's state is kept unencrypted. It holds no key, token or share.";
}

function programWarnings(program: TerraformProgram, rejected: readonly string[]): string[] {
  if (program.origin === "path" || rejected.length === 0) return [];
  return [
    `${rejected.join(", ")}; ${oldestTerraform} or newer is needed, so the bundle's OpenTofu ${program.version} is used.`,
  ];
}
