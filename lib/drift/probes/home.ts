import { readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { identityNames } from "../../model/identities";
import type { DriftContext } from "../context";
import { byPerson, drift, type Finding } from "../finding";
import type { Probe } from "../probe";

/** Inspects that only the owner can read the instance directory and the secrets in it. */
export const home: Probe = {
  id: "home",
  async inspect(context) {
    const { home } = context;
    const { shares, nextShares, rootToken, rotation, key, instance, installed } = home;
    const files = [shares, nextShares, rootToken, rotation, key, instance, installed];
    const sandboxFiles = [home.sandboxKey, home.sandboxManagementKey];
    const folders = [...identityNames.map(home.credentials), home.tls, home.sharesForBackups];
    const all = [home.root, ...files, ...sandboxFiles, ...folders, ...folders.flatMap(entries)];
    return all.flatMap((path) => access(context, path));
  },
};

function entries(folder: string): string[] {
  try {
    return readdirSync(folder).map((name) => join(folder, name));
  } catch {
    return [];
  }
}

function access(context: DriftContext, path: string): Finding[] {
  const entry = statSync(path, { throwIfNoEntry: false });
  if (!entry) return [];
  const findings: Finding[] = [];
  const name = path.slice(context.home.root.length + 1) || ".";
  const base = { severity: "critical" as const, subject: path, since: entry.ctime.toISOString() };
  const mode = entry.mode & 0o777;
  if ((mode & 0o077) !== 0) {
    findings.push(
      drift({
        ...base,
        id: `home.mode:${name}`,
        summary: "Others on this host can read it",
        field: "mode",
        expected: entry.isDirectory() ? "700" : "600",
        actual: mode.toString(8),
        // Every command that changes something refuses such an instance directory.
        ...(path === context.home.root
          ? { fix: byPerson(`chmod 700 ${path}; if somebody can have read it, rotate the key afterwards`) }
          : {}),
      }),
    );
  }
  const owner = process.getuid?.();
  if (owner !== undefined && entry.uid !== owner) {
    findings.push(
      drift({
        ...base,
        id: `home.owner:${name}`,
        summary: "It belongs to another user than the one who runs this command",
        field: "owner",
        expected: `uid ${owner}`,
        actual: `uid ${entry.uid}`,
        ...(owner === 0 ? {} : { fix: byPerson(`sudo chown ${owner} ${path}`) }),
      }),
    );
  }
  return findings;
}
