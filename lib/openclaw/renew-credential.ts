import { z } from "zod";
import { allowing, attempt } from "../core/attempt";
import { ifError, reasonOf, UserError } from "../core/errors";
import { readJsonIfThere } from "../core/files/files";
import { accountOf } from "../core/system/os-user";
import type { HomePaths } from "../model/home-paths";
import { placeCa, placeCredential } from "./own-files";

/** The resolver's folder and user. */
const placed = z.object({ folder: z.string(), user: z.string().exactOptional() });

/**
 * Copies the current CA certificates to OpenClaw's resolver, if one is installed that needs them. A folder that is not its user's
 * any more, or whose user is gone, stays unchanged: every command begins with this, and unsealing must not depend on OpenClaw.
 * Drift names such a folder.
 */
export function renewPlacedCa(home: HomePaths, caFile: string): void {
  const record = readJsonIfThere(home.installed, placed);
  if (!record) return;
  allowing(UserError, () => placeCa(record.folder, caFile, accountOf(record.user)));
}

/**
 * Copies the reader's new credential to OpenClaw's resolver, if one is installed. Whoever runs OpenClaw must not be able to stop a
 * renewal, after which the previous credential is revoked.
 * @returns a warning if the copy could not be replaced
 */
export function renewPlacedCredential(home: HomePaths): string | undefined {
  const record = readJsonIfThere(home.installed, placed);
  if (!record) return undefined;
  return attempt(
    () => void placeCredential(home.root, record.folder, accountOf(record.user)),
    ifError(
      UserError,
      (error) =>
        `OpenClaw still has its previous credential for Vault, which is revoked. Fix this, then run \`openclaw-openrouter up\`: ${reasonOf(error)}`,
    ),
  );
}
