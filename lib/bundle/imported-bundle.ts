import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../core/errors";
import { makeOnce } from "../core/files/make-once";
import { requireRoom, sizeOf } from "../core/files/room";
import { sha256OfFile } from "../core/fingerprint";
import { type Progress, silent } from "../core/progress";
import { quote } from "../core/text";
import { type Bundle, partFolder } from "./bundle";
import { partNames } from "./bundle-parts";
import { type Checksums, checksumsFile, readChecksums } from "./checksums";
import { imageToolsFolder } from "./image-tools";

/** The manifest of an imported bundle. Only the list of checksums is written after it. */
export const manifestFile = "bundle.json";

/** The folder of the parts in an imported bundle. */
export const partsFolder = "parts";

const manifestSchema = z.object({
  version: z.literal(1),
  /** The version of the program that made it. */
  program: z.string(),
  platform: z.object({ os: z.string(), arch: z.string() }),
  /** The names of the folders below `parts`. */
  parts: z.array(z.string()),
  npm: z.object({
    /** The registry whose addresses name the packages in the folder `npm`. */
    registry: z.string(),
    /** The program's own package. */
    program: z.string(),
  }),
});

/** The manifest of a folder that `bundle --out` made, for a host without any network. */
export type CarriedManifest = z.output<typeof manifestSchema>;

/** The folders of an offline bundle that its export contains. */
export function carriedFolders(bundle: Bundle): string[] {
  return [...partNames.map((name) => partFolder(bundle, name)), imageToolsFolder(bundle)];
}

/**
 * Reads an imported bundle's manifest, and verifies that it fits this host and this program.
 * @throws UserError if it does not
 */
export async function readImportedBundle(folder: string, bundle: Bundle): Promise<CarriedManifest> {
  const manifest = await readManifest(folder);
  const { os, arch } = manifest.platform;
  if (os !== bundle.platform.os || arch !== bundle.platform.arch) {
    throw new UserError({
      problem: "The imported bundle is for another platform.",
      got: `${folder}, for ${os} on ${arch}`,
      expected: `${bundle.platform.os} on ${bundle.platform.arch}`,
      fix: `openclaw-openrouter bundle --out DIR --arch ${bundle.platform.arch}, on a host with a network.`,
    });
  }
  const missing = carriedFolders(bundle)
    .map((path) => basename(path))
    .filter((name) => !manifest.parts.includes(name));
  if (missing.length === 0) return manifest;
  throw new UserError({
    problem: "The imported bundle was made by another version of this program, and parts are missing.",
    got: `${folder}, made by version ${manifest.program}`,
    expected: missing.join(", "),
    fix: "Make it with the version that uses it: openclaw-openrouter bundle --out DIR",
  });
}

/** @throws UserError if the folder holds none, or one of another version */
export async function readManifest(folder: string): Promise<CarriedManifest> {
  const fix = "Make one on a host with a network: openclaw-openrouter bundle --out DIR";
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
        expected: "a complete folder made by `openclaw-openrouter bundle --out DIR`",
        fix: `${fix}\n(\`--bundle\` alone uses the bundle of this host, and builds the missing parts)`,
      },
      { cause: error },
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      {
        problem: "The imported bundle's manifest cannot be read.",
        got: join(folder, manifestFile),
        expected: "the file that `bundle --out` writes, of a known version",
        fix,
      },
      { cause: error },
    );
  }
}

/**
 * Copies an imported bundle's missing parts into the bundle of this host, and verifies each file's checksum. Afterwards the
 * imported folder is no longer needed.
 * @throws UserError if the imported bundle does not fit this host, or is damaged
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
  // Missing parts are not counted here: the checksums report them better.
  requireRoom(
    existsSync(bundle.folder) ? bundle.folder : dirname(bundle.folder),
    await sizeOf(parts.filter((part) => existsSync(part))),
    "the imported bundle's parts",
  );
  for (const [index, target] of missing.entries()) {
    progress(`bundle: copying ${basename(target)}, ${index + 1} of ${missing.length}`);
    await makeOnce(target, (draft) => take(folder, basename(target), draft, checksums, signal), { signal });
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
    if ((await sha256OfFile(to)) !== sum) throw damaged(folder, path);
    // The medium possibly has no permissions; every file but texts is a program.
    await chmod(to, 0o755);
  }
}

function damaged(folder: string, path: string, cause?: unknown): UserError {
  return new UserError(
    {
      problem: "The imported bundle is damaged. Nothing of this part was used.",
      got: `${join(folder, path)} differs from its checksum, or one of them is missing`,
      fix: `Copy the folder again; \`cd ${quote(folder)} && sha256sum -c --quiet ${checksumsFile}\` names every bad file.`,
    },
    { cause },
  );
}
