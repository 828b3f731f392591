import { existsSync } from "node:fs";
import { chmod, copyFile, mkdir, readFile } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { UserError } from "../errors";
import { type Progress, silent } from "../progress";
import { type Checksums, checksumsFile, readChecksums, sha256 } from "./checksums";
import { imageToolsFolder } from "./image-tools";
import { type Kit, partFolder } from "./kit";
import { partNames } from "./kit-parts";
import { makeOnce } from "./make-once";
import { requireRoom, sizeOf } from "./room";

/** What a carried kit says of itself. Only the list of checksums is written after it. */
export const manifestFile = "kit.json";

/** Where the parts lie in a carried kit. */
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

/** The folders of a kit that its carried form holds. */
export function carriedFolders(kit: Kit): string[] {
  return [...partNames.map((name) => partFolder(kit, name)), imageToolsFolder(kit)];
}

/**
 * Reads what a carried kit says of itself, and whether it serves this host and this program.
 * @throws UserError where it does not
 */
export async function readCarriedKit(folder: string, kit: Kit): Promise<CarriedManifest> {
  const manifest = await readManifest(folder);
  const { os, arch } = manifest.platform;
  if (os !== kit.platform.os || arch !== kit.platform.arch) {
    throw new UserError({
      problem: "The carried kit is for another kind of machine.",
      got: `${folder}, for ${os} on ${arch}`,
      expected: `${kit.platform.os} on ${kit.platform.arch}`,
      remedy: `openclaw-openrouter bundle --out DIR --arch ${kit.platform.arch}, where there is a network`,
    });
  }
  const lacking = carriedFolders(kit)
    .map((path) => basename(path))
    .filter((name) => !manifest.parts.includes(name));
  if (lacking.length === 0) return manifest;
  throw new UserError({
    problem: "The carried kit was made by another version of this program: it lacks what this one takes.",
    got: `${folder}, made by version ${manifest.program}`,
    expected: lacking.join(", "),
    remedy: "make it with the same version that uses it: openclaw-openrouter bundle --out DIR",
  });
}

async function readManifest(folder: string): Promise<CarriedManifest> {
  const remedy = "make one where there is a network: openclaw-openrouter bundle --out DIR";
  let text: string;
  try {
    text = await readFile(join(folder, manifestFile), "utf8");
  } catch (error) {
    throw new UserError(
      {
        problem: existsSync(folder)
          ? "The folder of --bundle holds no carried kit, or one that was not finished."
          : "The folder of --bundle does not exist.",
        got: existsSync(folder) ? `${folder}, without ${manifestFile}` : folder,
        expected: "a folder that `openclaw-openrouter bundle --out DIR` made, whole",
        remedy: `${remedy}\n(\`--bundle\` alone uses the kit of this host, and builds what it lacks)`,
      },
      { cause: error },
    );
  }
  try {
    return manifestSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new UserError(
      {
        problem: "What the carried kit says of itself cannot be read.",
        got: join(folder, manifestFile),
        expected: "the file as `bundle --out` writes it, of a version that this program knows",
        remedy,
      },
      { cause: error },
    );
  }
}

/**
 * Takes a carried kit's parts over into the kit of this host, each checked against its checksum; those that are there
 * already are left alone. Afterwards the carried folder is needed no more.
 * @throws UserError where the carried kit does not serve this host, or is damaged
 */
export async function takeCarriedKit(
  folder: string,
  kit: Kit,
  options: { readonly progress?: Progress; readonly signal?: AbortSignal } = {},
): Promise<void> {
  const { progress = silent, signal } = options;
  await readCarriedKit(folder, kit);
  const missing = carriedFolders(kit).filter((path) => !existsSync(path));
  if (missing.length === 0) return;
  const checksums = await readChecksums(folder).catch((error: unknown) => {
    throw damaged(folder, checksumsFile, error);
  });
  const parts = missing.map((target) => join(folder, partsFolder, basename(target)));
  // Of a folder that is damaged the checksums tell more.
  requireRoom(
    existsSync(kit.folder) ? kit.folder : dirname(kit.folder),
    await sizeOf(parts.filter((part) => existsSync(part))),
    "the carried kit's parts",
  );
  for (const [index, target] of missing.entries()) {
    progress(`kit: taking over ${basename(target)}, ${index + 1} of ${missing.length}`);
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
      problem: "The carried kit is damaged: nothing of this part is used.",
      got: `${join(folder, path)} is not as it was when the kit was made`,
      remedy: `copy the folder anew; \`cd ${folder} && sha256sum -c --quiet ${checksumsFile}\` names every bad file`,
    },
    { cause },
  );
}
