import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { attempt } from "../../core/attempt";
import { quote } from "../../core/text";
import { identityNames } from "../../model/vault/identities";
import type { Finding } from "../finding";
import { inspectPath } from "../inspect-path";
import { everyProbe } from "../probe";

/** Inspects that only the owner can read the instance directory and the secrets in it. */
export const home = everyProbe("home", ({ home }) => {
  const { root, shares, nextShares, rootToken, rotation, key, instance, installed } = home;
  const files = [shares, nextShares, rootToken, rotation, key, instance, installed];
  const sandboxFiles = [home.sandboxKey, home.sandboxManagementKey];
  const folders = [...identityNames.map(home.credentials), home.tls, home.sharesForBackups];
  return [root, ...files, ...sandboxFiles, ...folders, ...folders.flatMap(entries)].map((path) =>
    access(root, path),
  );
});

function entries(folder: string): string[] {
  return (attempt(() => readdirSync(folder)) ?? []).map((name) => join(folder, name));
}

/** Whether others have access to a path, or it is of another owner; a missing one is no finding. */
function access(root: string, path: string): Finding[] {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return [];
  const owner = process.getuid?.();
  const isPrivate = (entry.mode & 0o077) === 0;
  const more = {
    mode: {
      summary: "Others on this host can read it",
      // Every command that changes something refuses such an instance directory.
      fix:
        path === root
          ? `chmod 700 ${quote(path)}; if somebody can have read it: openclaw-openrouter shares rekey, openclaw-openrouter vault renew-identities and openclaw-openrouter key rotate`
          : undefined,
    },
    owner: {
      summary: "It belongs to another user than the one who runs this command",
      fix: owner === 0 ? undefined : `sudo chown ${owner} ${quote(path)}`,
    },
  };
  return inspectPath({
    path,
    entry,
    kind: entry.isDirectory() ? "a folder" : "a plain file",
    uid: owner,
    mode: isPrivate ? undefined : entry.isDirectory() ? 0o700 : 0o600,
    finding: (what) => ({
      id: `home.${what}:${path.slice(root.length + 1) || "."}`,
      severity: "critical",
      ...more[what === "owner" ? "owner" : "mode"],
    }),
  });
}
