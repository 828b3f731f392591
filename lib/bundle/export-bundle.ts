import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { basename, join, resolve } from "node:path";
import { version } from "../../package.json";
import { UserError } from "../core/errors";
import { flush } from "../core/files/make-once";
import { requireRoom, sizeOf } from "../core/files/room";
import { requireTrusted } from "../core/files/trusted-path";
import { sha256OfFile } from "../core/fingerprint";
import { type Progress, silent } from "../core/progress";
import { jsonText, quote } from "../core/text";
import type { Bundle } from "./bundle";
import { packagesFolder, writePackages } from "./carry-packages";
import { checksumsFile, writeChecksums } from "./checksums";
import {
  type CarriedManifest,
  carriedFolders,
  manifestFile,
  partsFolder,
  readManifest,
} from "./imported-bundle";

/** The file that marks an unfinished offline bundle. */
const unfinished = ".unfinished";
const readme = "README.txt";

/**
 * Verifies that an offline bundle can be written into a folder, before a build of minutes.
 * @returns whether it holds a bundle, or a part of one, which is removed first
 * @throws UserError if the folder holds anything else, or a link, or a bundle that another user could exchange
 */
export async function claimFolder(folder: string): Promise<boolean> {
  const target = resolve(folder);
  await mkdir(target, { recursive: true });
  // The root of a file system contains this folder.
  const entries = (await readdir(target, { withFileTypes: true })).filter(
    ({ name }) => name !== "lost+found",
  );
  const names = entries.map(({ name }) => name);
  if (names.length > 0 && !names.includes(unfinished) && !(await previousManifest(target))) {
    throw new UserError({
      problem: "The folder of --out holds other files than an offline bundle.",
      got: `${target}: ${names.slice(0, 3).join(", ")}${names.length > 3 ? ", …" : ""}`,
      expected: "a new or empty folder, or one with an offline bundle, which is re-created",
      fix: `Use another folder: --out ${quote(join(target, "bundle"))}`,
    });
  }
  const link = entries.find((entry) => entry.isSymbolicLink());
  if (link) throw holdsLink(join(target, link.name));
  const holdsBundle = names.some((name) => name !== unfinished);
  // While it is removed, a link to another folder could be put into it.
  if (holdsBundle)
    requireTrusted(target, "The folder of --out, whose bundle is to be replaced", {
      fix: `Remove the bundle, as the owner of the folder, or name another one: --out ${quote(`${target}-2`)}`,
    });
  if (!names.includes(unfinished)) await writeFile(join(target, unfinished), "", asNew);
  return holdsBundle;
}

/** Fails at a link that was put there meanwhile. */
const asNew = { flag: "wx" } as const;

/** The medium, or the folder, can be somebody else's: the file to which a link leads would be overwritten. */
function holdsLink(link: string): UserError {
  return new UserError({
    problem: "The folder of --out holds a link. Nothing was written.",
    got: link,
    expected: "plain files and folders, as a bundle has them",
    fix: `See who made it, and remove it: rm ${quote(link)}`,
  });
}

/**
 * Writes a built offline bundle into a folder, for a host without any network: parts, image, npm packages, checksums.
 * Writes only plain files, so that any medium can carry them.
 * @returns the SHA-256 of the list of checksums as well: compared over another channel, it verifies the whole folder
 */
export async function exportBundle(
  folder: string,
  bundle: Bundle,
  { progress = silent }: { readonly progress?: Progress } = {},
) {
  const target = resolve(folder);
  if (await claimFolder(target)) await removeBundle(target);

  requireRoom(target, await sizeOf(carriedFolders(bundle)), "the bundle's parts");
  progress("bundle: getting the npm packages");
  const npm = await writePackages(target, bundle.platform);
  const parts: string[] = [];
  for (const path of carriedFolders(bundle)) {
    progress(`bundle: copying ${basename(path)}`);
    await cp(path, join(target, partsFolder, basename(path)), { recursive: true, dereference: true });
    parts.push(basename(path));
  }
  const manifest: CarriedManifest = { version: 1, program: version, platform: bundle.platform, parts, npm };
  await writeFile(join(target, readme), instructions(manifest), asNew);
  progress("bundle: writing checksums");
  await writeFile(join(target, manifestFile), jsonText(manifest), asNew);
  await rm(join(target, unfinished));
  await writeChecksums(target);
  await flush(target);
  return { folder: target, checksum: await sha256OfFile(join(target, checksumsFile)) };
}

async function removeBundle(target: string): Promise<void> {
  const previous = await previousManifest(target);
  if (previous) await rm(join(target, basename(previous.npm.program)), { force: true });
  for (const name of [manifestFile, partsFolder, packagesFolder, checksumsFile, readme])
    await rm(join(target, name), { recursive: true, force: true });
}

/** The manifest of the offline bundle that a folder holds; a user's own file of this name is none. */
function previousManifest(folder: string): Promise<CarriedManifest | undefined> {
  return readManifest(folder).catch(() => undefined);
}

function instructions({ program, platform, npm }: CarriedManifest): string {
  return `openclaw-openrouter ${program}: an offline bundle for ${platform.os} on ${platform.arch}, for hosts without any network.
The host needs Node 20.9 or newer and a Docker Engine. Everything else is in this folder.

Verify it:         sha256sum -c --quiet ${checksumsFile}
From a clone:      npm start -- --bundle THIS-FOLDER
Without a clone:   npm install --offline --cache THIS-FOLDER/${packagesFolder} THIS-FOLDER/${npm.program}
                   openclaw-openrouter up --bundle THIS-FOLDER
(npm writes into its cache: if this folder is read-only, copy ${packagesFolder} elsewhere first.)
`;
}
