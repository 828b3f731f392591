import { existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, rmdirSync, rmSync } from "node:fs";
import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { z } from "zod";
import { UserError } from "../errors";
import { type Account, accountOf, actAs } from "../host/account";
import { readJsonIfThere, writeJson, writePrivateFile } from "../instance/files";
import { type ArtifactName, artifactNames } from "../model/artifacts";
import { sha256 } from "../model/fingerprint";
import { homePaths } from "../model/home-paths";
import type { InstallParameters } from "../model/run-parameters";
import { findInterpreter } from "./interpreter";
import { assertPlaceable, ownFiles, placeOwnFiles, removeOwnFiles } from "./own-files";
import { readPlainFile } from "./plain-file";

const installedRecord = z.object({
  folder: z.string(),
  /** Who runs OpenClaw. @default the user who deploys */
  user: z.string().exactOptional(),
  /** The Node that runs the resolver. */
  node: z.string(),
  /** Whether the folder itself was made by us. */
  madeFolder: z.boolean(),
  /**
   * SHA-256 of what was placed, by name. A file that differs from it was edited since, and is the user's. There are two
   * while a new one is being placed, since a run may be cut off before or after that.
   */
  files: z.partialRecord(z.enum(artifactNames), z.array(z.string())),
});
type InstalledRecord = z.output<typeof installedRecord>;

/** What became of each artifact. */
export type Placement = "placed" | "unchanged" | "replaced" | "kept: it says the same";

/**
 * Places the rendered artifacts in OpenClaw's folder: where no file is, or where the one there is ours and unedited.
 * A user's own file that holds our sections as declared is left as it is. All are looked at before any is written.
 * @throws UserError where a user's file stands in the way, with the text to add by hand
 */
export function install(parameters: InstallParameters): Record<ArtifactName | "resolver", Placement> {
  const { home: root, folder, user } = parameters;
  const home = homePaths(root);
  const account = accountOf(user);
  const known = readJsonIfThere(home.installed, installedRecord);
  const before = known?.folder === folder ? known : undefined;
  const node = findInterpreter({ account, declared: parameters.node, earlier: before?.node });
  const own = ownFiles(parameters, node);
  const rendered = artifactNames.map((name) => ({
    name,
    text: readFileSync(join(home.rendered, name), "utf8"),
  }));
  const decided = actAs(account, () => {
    assertPlaceable(own, folder, account);
    return rendered.map(({ name, text }) => ({
      name,
      text,
      placement: decide(account, folder, name, text, before),
    }));
  });

  // The settings name another folder now: what was placed in the old one goes.
  if (known && !before) uninstall(root);
  const madeFolder = before?.madeFolder ?? !actAs(account, () => existsSync(folder));
  const ours = decided.filter(({ placement }) => placement !== "kept: it says the same");
  const record = (hashes: (name: ArtifactName, text: string) => string[]) =>
    writeJson(home.installed, {
      folder,
      ...(user === undefined ? {} : { user }),
      node,
      madeFolder,
      files: Object.fromEntries(ours.map(({ name, text }) => [name, hashes(name, text)])),
    });
  record((name, text) => [...(before?.files[name] ?? []), sha256(text)]);
  const isOwnChanged = actAs(account, () => {
    mkdirSync(folder, { recursive: true, mode: 0o700 });
    for (const { name, text, placement } of ours) {
      if (placement !== "unchanged") writePrivateFile(join(folder, name), text);
    }
    return placeOwnFiles(own, folder, account);
  });
  record((_, text) => [sha256(text)]);
  return {
    ...(Object.fromEntries(decided.map(({ name, placement }) => [name, placement])) as Record<
      ArtifactName,
      Placement
    >),
    resolver: isOwnChanged ? "placed" : "unchanged",
  };
}

function decide(
  account: Account,
  folder: string,
  name: ArtifactName,
  text: string,
  before: InstalledRecord | undefined,
): Placement {
  const path = join(folder, name);
  const present = readPlainFile(path, account)?.bytes.toString();
  if (present === undefined) return "placed";
  const isOurs = before?.files[name]?.includes(sha256(present));
  if (isOurs) return present === text ? "unchanged" : "replaced";
  // Placed by hand: it stays the user's, and `destroy` leaves it.
  if (present === text || (name === "config.json" && saysTheSame(present, text)))
    return "kept: it says the same";
  throw new UserError({
    problem: `${path} is there already, and it is not ours to change.`,
    got: before?.files[name] ? "our file, edited since" : "a file of your own",
    expected: "no file, or one that holds what is declared",
    remedy: `Add this to it by hand, or move it away; then run this again:\n${text.trimEnd()}`,
  });
}

/** Whether a user's config.json holds each of our values, whatever else is in it. */
function saysTheSame(present: string, ours: string): boolean {
  try {
    return contains(JSON.parse(present), JSON.parse(ours));
  } catch {
    return false;
  }
}

function contains(theirs: unknown, ours: unknown): boolean {
  if (!isObject(ours) || !isObject(theirs)) return isDeepStrictEqual(theirs, ours);
  return Object.entries(ours).every(([name, value]) => contains(theirs[name], value));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/**
 * Takes our artifacts out of OpenClaw's folder again. A file that was edited since stays.
 * @returns the paths of what was removed and of what was kept
 */
export function uninstall(root: string): { readonly removed: string[]; readonly kept: string[] } {
  const home = homePaths(root);
  const record = readJsonIfThere(home.installed, installedRecord);
  const removed: string[] = [];
  const kept: string[] = [];
  if (!record) return { removed, kept };
  actAs(accountOf(record.user), () => {
    for (const [name, hashes] of Object.entries(record.files)) {
      const path = join(record.folder, name);
      const entry = lstatSync(path, { throwIfNoEntry: false });
      if (!entry) continue;
      if (!entry.isFile() || !hashes.includes(sha256(readFileSync(path)))) {
        kept.push(path);
        continue;
      }
      rmSync(path);
      removed.push(path);
    }
    removeOwnFiles(record.folder);
    if (record.madeFolder && existsSync(record.folder) && readdirSync(record.folder).length === 0)
      rmdirSync(record.folder);
  });
  rmSync(home.installed, { force: true });
  return { removed, kept };
}
