import { UserError } from "../core/errors";
import { requireRoom } from "../core/files/room";
import { HttpTimeout } from "../core/network/http";
import { type Progress, silent } from "../core/progress";
import { type EngineApi, EngineError } from "../docker/engine-api";
import { type BuildOptions, buildParts } from "./build-bundle";
import type { Bundle } from "./bundle";
import { bundleParts } from "./bundle-parts";
import { imageRootFileSystem } from "./image-rootfs";
import { fetchImageTools } from "./image-tools";

/** The registry's image of Vault; the bundle's own image can replace only this one. */
export const registryImage = `hashicorp/vault:${bundleParts.vault.version}`;

/** The bundle's own image: the same interface under another name. */
export const bundleImage = `openclaw-openrouter/vault:${bundleParts.vault.version}`;

/** The label that identifies the bundle's own image. */
export const bundleImageLabel = {
  name: "org.opencontainers.image.title",
  value: "openclaw-openrouter/vault",
};

/** Vault's image on the engine. */
export interface VaultImage {
  /** The image of the container. */
  readonly reference: string;
  readonly id: string;
  /** The source of the image in this run. */
  readonly origin: "engine" | "registry" | "bundle";
}

/**
 * The image that the engine already has: the last used one, the wanted one, or the bundle's if the registry's image is
 * wanted.
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

interface PullOptions {
  readonly progress?: Progress;
  readonly signal?: AbortSignal;
  /** The time limit for a registry's first answer, in milliseconds. @default 10 s */
  readonly firstAnswer?: number;
  /** The engine's folder of images: its disk must have room for the rest of the download. */
  readonly engineFolder?: string;
}

/** The time limit between two messages of a running pull, in milliseconds. */
const longestSilence = 60_000;

/**
 * Pulls an image.
 * @returns undefined on success, else the reason of the failure
 * @throws UserError if the engine's disk is too full
 */
export async function pullImage(
  api: EngineApi,
  reference: string,
  options: PullOptions = {},
): Promise<string | undefined> {
  const progress = options.progress ?? silent;
  progress(`image: pulling ${reference}`);
  const silence = new AbortController();
  let timer = setTimeout(() => {}, 0);
  const layers: Layers = new Map();
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
      timer = setTimeout(() => silence.abort(), longestSilence);
      // The engine retries a layer five times, and waits over a minute in total.
      if (status?.startsWith("Retrying"))
        progress(`image: pulling ${reference}, a layer was interrupted: ${status}`);
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
    if (silence.signal.aborted) return `the registry sent nothing for ${longestSilence / 1000} s`;
    if (error instanceof HttpTimeout) return `the registry gave ${error.message}`;
    if (error instanceof EngineError) return error.message;
    throw error;
  } finally {
    clearTimeout(timer);
  }
}

/** The error for an image that no source has. */
export function imageError(reference: string, reason: string): UserError {
  return new UserError({
    problem: `Vault's image ${reference} is not on the engine and could not be pulled.`,
    got: reason,
    fix:
      `Load it (\`docker pull ${reference}\`, or \`docker load\` of a saved one), or remove the setting vault.image:\n` +
      `the default is ${registryImage}, or the bundle's own build of it.`,
  });
}

/** Creates the bundle's own image on the engine; builds and downloads its parts first. */
export async function makeBundleImage(
  api: EngineApi,
  bundle: Bundle,
  options: BuildOptions = {},
): Promise<VaultImage> {
  await Promise.all([buildParts(bundle, ["vault"], options), fetchImageTools(bundle, options)]);
  (options.progress ?? silent)(`image: making ${bundleImage}`);
  const [repo = "", tag = ""] = bundleImage.split(":");
  const query = new URLSearchParams({ fromSrc: "-", repo, tag });
  for (const change of changes) query.append("changes", change);
  const messages = api.messages("POST", `/images/create?${query}`, {
    body: imageRootFileSystem(bundle),
    headers: { "Content-Type": "application/x-tar" },
    // The engine answers only after it has read the whole stream.
    timeout: 300_000,
    signal: options.signal,
  });
  for await (const _ of messages);
  const image = await api.inspectImage(bundleImage);
  if (!image) throw new EngineError(404, `The engine imported ${bundleImage} but does not have it.`);
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

/** The reference with a tag or digest: without one, the engine pulls all tags. */
function withTag(reference: string): string {
  return /[:@][^/]*$/.test(reference) ? reference : `${reference}:latest`;
}

type Layers = Map<string, { readonly current: number; readonly total: number }>;

/** The number of bytes still to download. */
function left(layers: Layers): number {
  return [...layers.values()].reduce((sum, { current, total }) => sum + total - current, 0);
}

function megabytes(layers: Layers, what: "current" | "total"): number {
  return Math.round([...layers.values()].reduce((sum, layer) => sum + layer[what], 0) / 1e6);
}
