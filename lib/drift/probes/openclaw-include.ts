import { join } from "node:path";
import { openclawNames } from "../../model/openclaw/openclaw-paths";
import type { PlainFile, UsersFolder } from "../../openclaw/folder/users-folder";
import { overridesIn } from "../../openclaw/install";
import { readFirstFound } from "../../openclaw/installed";
import { findLeftovers, leftoverKinds, leftoverTexts } from "../../openclaw/leftovers";
import { textOf } from "../../openclaw/plain-file";
import { drift, type Finding } from "../finding";
import { inFolder, joinedFile, openclawOf, withoutOthers } from "../openclaw-file";
import { everyProbe } from "../probe";

/** Inspects that the gateway's openclaw.json includes the fragment, and that no value in it overrides the fragment. */
export const openclawInclude = everyProbe("openclaw.include", (context) => {
  const openclaw = openclawOf(context);
  if (!openclaw.installed) return [];
  // Read before the switch to OpenClaw's user, who cannot read it.
  const first = readFirstFound(context.home, openclaw.installed)["openclaw.json"];
  return inFolder(openclaw, (folder) => {
    const include = joinedFile(openclaw, folder, "openclaw.json", {
      id: "openclaw.include",
      severity: "major",
      summary:
        "The gateway's openclaw.json does not include the fragment: OpenClaw has neither the key nor the deployed models",
      mode: (entry) => withoutOthers(entry, openclaw.account),
    });
    // Restoring the include removes what OpenClaw's commands left as well.
    if (include.some(({ id }) => !id.endsWith(".mode"))) return include;
    return [...include, ...leftovers(openclaw, folder, first), ...shadowed(folder)];
  });
});

/** What OpenClaw's own commands left in the user's openclaw.json: one finding of each kind. */
function leftovers(
  { installed }: ReturnType<typeof openclawOf>,
  folder: UsersFolder,
  first: PlainFile | undefined,
): Finding[] {
  const fragment = installed?.files["openrouter.json5"]?.placed.at(-1)?.declared;
  const file = folder.read(openclawNames.gateway);
  if (!file || fragment === undefined) return [];
  const path = join(folder.path, openclawNames.gateway);
  const all = findLeftovers(textOf(file, path), fragment, first && textOf(first, path));
  return leftoverKinds.flatMap((kind) => {
    const found = all.filter((each) => each.kind === kind);
    const lines = [...new Set(found.map(({ line }) => line))].join(", ");
    const names = found.map(({ name }) => name).join(", ");
    if (found.length === 0) return [];
    return drift(`openclaw.leftover:${kind}`, kind === "copy" ? "minor" : "critical", path, {
      summary: leftoverTexts[kind],
      compared: ["the fragment's", `${path}, line ${lines}`, names],
      explains: found.map(({ managed }) => `openclaw.shadowed:${managed}`),
    });
  });
}

function shadowed(folder: UsersFolder): Finding[] {
  return overridesIn(folder).values.map(({ name, file, line }) =>
    drift(`openclaw.shadowed:${name}`, "major", file, {
      summary: `A value of the user's own overrides the fragment's ${name}`,
      compared: ["the fragment's", `${file}, line ${line}`, name],
      fix: `Remove it from ${file}, line ${line}; or keep it and ignore this finding.`,
    }),
  );
}
