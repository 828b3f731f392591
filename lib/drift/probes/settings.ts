import { settingDifferences } from "../../config/setting-differences";
import { UserError } from "../../core/errors";
import { byFix, byPerson, drift, type Fix } from "../finding";
import { everyProbe } from "../probe";

/** Compares the settings with the ones deployed last. */
export const settings = everyProbe("settings", ({ declared, deployed, record }) => {
  if (!record?.settings) return [];
  if (deployed === declared)
    throw new UserError({
      problem: "This version cannot read the settings of the last deploy, which another version recorded.",
      fix: "openclaw-openrouter up",
    });
  // This version reads both, so a new option has its default in both.
  const changed = settingDifferences(withoutGaps(deployed.settings), withoutGaps(declared.settings));
  return changed.map(([path, was, now]) => {
    // A backend's options can contain a secret.
    const shown = (value: unknown) => (path.startsWith("terraform.backend.config") ? "changed" : show(value));
    return drift(`settings.${path}`, "minor", "settings", {
      kind: "declaration",
      summary: `${path} was changed in the settings, but not deployed`,
      compared: [shown(now), shown(was), path],
      fix: howToFix(path),
      explains: ["plan.*", ...(isPlaceOfVault(path) ? ["plan.openrouter.unknown"] : [])],
    });
  });
});

/** Whether a setting changes where Vault answers: then the second stack cannot be planned. */
function isPlaceOfVault(path: string): boolean {
  return /^vault\.(port|address|caFile|namespace|tls)\b/.test(path);
}

function howToFix(path: string): Fix {
  if (path.startsWith("terraform.backend")) return byPerson("openclaw-openrouter state move");
  return path === "vault.image" ? byPerson("openclaw-openrouter vault upgrade") : byFix;
}

/** The value without unset options, as in JSON. */
function withoutGaps(value: object): Record<string, unknown> {
  return JSON.parse(JSON.stringify(value));
}

function show(value: unknown): string {
  if (value === undefined) return "not set";
  return typeof value === "string" ? value : JSON.stringify(value);
}
