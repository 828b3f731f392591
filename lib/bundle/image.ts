import { UserError } from "../core/errors";
import { requireRoom } from "../core/files/room";
import { type Progress, silent } from "../core/progress";
import { type EngineApi, EngineError, EngineTimeout } from "../docker/engine-api";
import { buildParts } from "./build-bundle";
import type { Bundle } from "./bundle";
import { bundleParts } from "./bundle-parts";
import { imageRootFileSystem } from "./image-rootfs";
import { fetchImageTools } from "./image-tools";

/** Vault's image of the registry; only in its place the bundle's own may be used. */
export const registryImage = `hashicorp/vault:${bundleParts.vault.version}`;

/** The bundle's own image: the same contract, and never that name. */
export const bundleImage = `openclaw-openrouter/vault:${bundleParts.vault.version}`;

/** By this an image is known as the bundle's own. */
export const bundleImageLabel = {
  name: "org.opencontainers.image.title",
  value: "openclaw-openrouter/vault",
};

/** Vault's image on the engine. */
export interface VaultImage {
  /** What the container is made from. */
  readonly reference: string;
  readonly id: string;
  /** Where this run had it from. */
  readonly origin: "engine" | "registry" | "bundle";
}

/**
 * The image that is on the engine already: the one that was used last, the wanted one, or where the registry's own
 * is wanted, the bundle's in its place.
 */
export async function presentImage(
  api: EngineApi,
  wanted: string,
  remembered?: string,
): Promise<VaultImage | undefined> {
  const candidates = [remembered, wanted, wanted === registryImage ? bundleImage : undefined];
  for (const reference of new Set(candidates)) {
    const image = reference ? await api.inspectImage(reference) : undefined;
    if (reference && image) return { reference, id: image.Id, origin: "engine" };
  }
  return undefined;
}

export interface PullOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** Milliseconds until a registry must begin to answer. @default 10 s */
  readonly firstAnswer?: number;
  /** Where the engine keeps images: its disk must have room for what the registry says is still to come. */
  readonly engineFolder?: string;
  /** Milliseconds that a pull under way may be silent. @default 60 s */
  readonly silence?: number;
}

/**
 * Pulls an image.
 * @returns undefined when done, else why it failed
 * @throws UserError if the engine's disk has no room for it
 */
export async function pullImage(
  api: EngineApi,
  reference: string,
  options: PullOptions = {},
): Promise<string | undefined> {
  const progress = options.progress ?? silent;
  progress(`image: pulling ${reference}`);
  const silence = new AbortController();
  const limit = options.silence ?? 60_000;
  let timer = setTimeout(() => {}, 0);
  const layers = new Map<string, { current: number; total: number }>();
  try {
    const messages = api.messages(
      "POST",
      `/images/create?fromImage=${encodeURIComponent(withTag(reference))}`,
      {
        timeout: options.firstAnswer ?? 10_000,
        signal: options.signal ? AbortSignal.any([silence.signal, options.signal]) : silence.signal,
      },
    );
    for await (const { id, status, progressDetail } of messages) {
      clearTimeout(timer);
      timer = setTimeout(() => silence.abort(), limit);
      // The engine tries a layer five times, with waits that add up to over a minute.
      if (status?.startsWith("Retrying"))
        progress(`image: pulling ${reference}, a layer broke off: ${status}`);
      if (!id || status !== "Downloading" || !progressDetail?.total) continue;
      layers.set(id, { current: progressDetail.current ?? 0, total: progressDetail.total });
      if (options.engineFolder) requireRoom(options.engineFolder, left(layers), `the image ${reference}`);
      progress(
        `image: pulling ${reference}, ${megabytes(layers, "current")} of ${megabytes(layers, "total")} MB`,
      );
    }
    return undefined;
  } catch (error) {
    options.signal?.throwIfAborted();
    if (silence.signal.aborted) return `the registry fell silent for ${limit / 1000} s`;
    if (error instanceof EngineTimeout) return `the registry gave ${error.message}`;
    if (error instanceof EngineError) return error.message;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The error for an image that is to be had nowhere. */
export function imageError(reference: string, reason: string): UserError {
  return new UserError({
    problem: `Vault's image ${reference} is not on the engine and could not be pulled.`,
    got: reason,
    fix:
      `put it there (\`docker pull ${reference}\`, or \`docker load\` of a saved one),\n` +
      `or take the setting vault.image away: then ${registryImage} is used, or the bundle's own build of it`,
  });
}

/** Makes the bundle's own image on the engine; what it is made of is built and fetched first. */
export async function makeBundleImage(
  api: EngineApi,
  bundle: Bundle,
  options: {
    readonly progress?: Progress;
    readonly signal?: AbortSignal;
    readonly env?: NodeJS.ProcessEnv;
  } = {},
): Promise<VaultImage> {
  await Promise.all([buildParts(bundle, ["vault"], options), fetchImageTools(bundle, options)]);
  (options.progress ?? silent)(`image: making ${bundleImage}`);
  const [repo = "", tag = ""] = bundleImage.split(":");
  const query = new URLSearchParams({ fromSrc: "-", repo, tag });
  for (const change of changes) query.append("changes", change);
  const messages = api.messages("POST", `/images/create?${query}`, {
    body: imageRootFileSystem(bundle),
    headers: { "Content-Type": "application/x-tar" },
    // The engine answers only once it has read all of it.
    timeout: 300_000,
    ...(options.signal ? { signal: options.signal } : {}),
  });
  for await (const _ of messages);
  const image = await api.inspectImage(bundleImage);
  if (!image) throw new Error(`The engine imported ${bundleImage} and does not have it.`);
  return { reference: bundleImage, id: image.Id, origin: "bundle" };
}

const changes = [
  "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
  'ENTRYPOINT ["docker-entrypoint.sh"]',
  'CMD ["server", "-dev"]',
  "EXPOSE 8200",
  "VOLUME /vault/file",
  "VOLUME /vault/logs",
  `LABEL ${bundleImageLabel.name}=${bundleImageLabel.value}`,
  `LABEL org.opencontainers.image.version=${bundleParts.vault.version}`,
];

/** Without a tag or digest the engine would pull all tags. */
function withTag(reference: string): string {
  return /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

/** Bytes that are still to be loaded. */
function left(layers: Map<string, { current: number; total: number }>): number {
  return [...layers.values()].reduce((sum, { current, total }) => sum + total - current, 0);
}

function megabytes(
  layers: Map<string, { current: number; total: number }>,
  what: "current" | "total",
): number {
  return Math.round([...layers.values()].reduce((sum, layer) => sum + layer[what], 0) / 1e6);
}
