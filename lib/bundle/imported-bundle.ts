import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors";
import { makeOnce } from "../core/files/make-once";
import { requireRoom, sizeOf } from "../core/files/room";
import { type Progress, silent } from "../core/progress";
import { type Bundle, partFolder } from "./bundle";
import { partNames } from "./bundle-parts";
import { type Checksums, checksumsFile, readChecksums, sha256 } from "./checksums";
import { imageToolsFolder } from "./image-tools";

/** What an imported bundle says of itself. Only the list of checksums is written after it. */
export const manifestFile = "bundle.json";

/** Where the parts lie in an imported bundle. */
export const partsFolder = "parts";

const manifestSchema = z.object({
  version: z.literal(1),
  /** Version of the program that made it. */
  program: z.string(),
  platform: z.object({ os: z.string(), arch: z.string() }),
  /** Names of the folders below `parts`. */
  parts: z.array(z.string()),
  npm: z.object({
    /** By whose names the packages lie in the folder `npm`. */
    registry: z.string(),
    /** The program's own package. */
    program: z.string(),
  }),
});

/** A folder that `bundle --out` made, for a host without any network. */
export type CarriedManifest = z.output<typeof manifestSchema>;

/** The folders of an offline bundle that its carried form holds. */
export function carriedFolders(bundle: Bundle): string[] {
  return [...partNames.map((name) => partFolder(bundle, name)), imageToolsFolder(bundle)];
}

/**
 * Reads what an imported bundle says of itself, and whether it serves this host and this program.
 * @throws UserError where it does not
 */
export async function readImportedBundle(folder: string, bundle: Bundle): Promise<CarriedManifest> {
  const manifest = await readManifest(folder);
  const { os, arch } = manifest.platform;
  if (os !== bundle.platform.os || arch !== bundle.platform.arch) {
    throw new UserError({
      problem: "The imported bundle is for another kind of machine.",
      got: `${folder}, for ${os} on ${arch}`,
      expected: `${bundle.platform.os} on ${bundle.platform.arch}`,
      fix: `openclaw-openrouter bundle --out DIR --arch ${bundle.platform.arch}, where there is a network`,
    });
  }
  const missing = carriedFolders(bundle)
    .map((path) => basename(path))
    .filter((name) => !manifest.parts.includes(name));
  if (missing.length === 0) return manifest;
  throw new UserError({
    problem: "The imported bundle was made by another version of this program: it lacks what this one takes.",
    got: `${folder}, made by version ${manifest.program}`,
    expected: missing.join(", "),
    fix: "make it with the same version that uses it: openclaw-openrouter bundle --out DIR",
  });
}

async function readManifest(folder: string): Promise<CarriedManifest> {
  const fix = "make one where there is a network: openclaw-openrouter bundle --out DIR";
  let text: string;
  try {
    text = await readFile(join(folder, manifestFile), "utf8");
  } catch (error) {
    throw new UserError(
      {
        problem: existsSync(folder)
          ? "The folder of --bundle holds no imported bundle, or one that was not finished."
          : "The folder of --bundle does not exist.",
        got: existsSync(folder) ? `${folder}, without ${manifestFile}` : folder,
        expected: "a folder that `openclaw-openrouter bundle --out DIR` made, whole",
        fix: `${fix}\n(\`--bundle\` alone uses the bundle of this host, and builds what it lacks)`,
      },
      { cause: error },
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      {
        problem: "What the imported bundle says of itself cannot be read.",
        got: join(folder, manifestFile),
        expected: "the file as `bundle --out` writes it, of a version that this program knows",
        fix,
      },
      { cause: error },
    );
  }
}

/**
 * Takes an imported bundle's parts over into the bundle of this host, each checked against its checksum; those that are there
 * already are left alone. Afterwards the carried folder is needed no more.
 * @throws UserError where the imported bundle does not serve this host, or is damaged
 */
export async function takeImportedBundle(
  folder: string,
  bundle: Bundle,
  options: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { progress = silent, signal } = options;
  await readImportedBundle(folder, bundle);
  const missing = carriedFolders(bundle).filter((path) => !existsSync(path));
  if (missing.length === 0) return;
  const checksums = await readChecksums(folder).catch((error: unknown) => {
    throw damaged(folder, checksumsFile, error);
  });
  const parts = missing.map((target) => join(folder, partsFolder, basename(target)));
  // Of a folder that is damaged the checksums tell more.
  requireRoom(
    existsSync(bundle.folder) ? bundle.folder : dirname(bundle.folder),
    await sizeOf(parts.filter((part) => existsSync(part))),
    "the imported bundle's parts",
  );
  for (const [index, target] of missing.entries()) {
    progress(`bundle: taking over ${basename(target)}, ${index + 1} of ${missing.length}`);
    await makeOnce(
      target,
      (draft) => take(folder, basename(target), draft, checksums, signal),
      signal ? { signal } : {},
    );
  }
}

async function take(
  folder: string,
  part: string,
  draft: string,
  checksums: Checksums,
  signal: AbortSignal | undefined,
): Promise<void> {
  const prefix = `${partsFolder}/${part}/`;
  const files = [...checksums].filter(([path]) => path.startsWith(prefix));
  if (files.length === 0) throw damaged(folder, checksumsFile);
  for (const [path, sum] of files) {
    signal?.throwIfAborted();
    const to = join(draft, path.slice(prefix.length));
    await mkdir(dirname(to), { recursive: true });
    try {
      await copyFile(join(folder, path), to);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") throw damaged(folder, path, error);
      throw error;
    }
    if ((await sha256(to)) !== sum) throw damaged(folder, path);
    // What carried it may know no permissions; all but text is a program.
    await chmod(to, 0o755);
  }
}

function damaged(folder: string, path: string, cause?: unknown): UserError {
  return new UserError(
    {
      problem: "The imported bundle is damaged: nothing of this part is used.",
      got: `${join(folder, path)} is not as it was when the bundle was made`,
      fix: `copy the folder again; \`cd ${folder} && sha256sum -c --quiet ${checksumsFile}\` names every bad file`,
    },
    { cause },
  );
}
