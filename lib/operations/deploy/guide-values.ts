import { join } from "node:path";
import { isDeepStrictEqual } from "node:util";
import { sandboxInstance } from "../../config/sandbox";
import { attempt } from "../../core/attempt";
import { accountOf } from "../../core/system/os-user";
import type { Deployment } from "../../model/deployment";
import { renderArtifacts } from "../../model/openclaw/openclaw";
import { openclawNames } from "../../model/openclaw/openclaw-paths";
import { openclawUserOf } from "../../model/run-parameters";
import { UsersFolder } from "../../openclaw/folder/users-folder";
import { sectionsOf } from "../../openclaw/guide-config";
import { readInstalled } from "../../openclaw/installed";
import { textOf } from "../../openclaw/plain-file";
import { type Asking, settingsPlace, withOptions, writeSettings } from "./settings-place";

/** What only names the host, by the section of config.json and the option of the group `openclaw`. */
const names = [
  ["instance_name", "instanceName"],
  ["environment", "environment"],
] as const;

/**
 * Before the first deploy of an instance into a folder with a config.json of the setup guide: at a terminal keeps the host's
 * names by writing them to the settings, if these do not name others, and says which other sections are replaced.
 * @returns whether the settings changed
 */
export function keepGuideNames({ deployment, confirm, say }: Asking): boolean {
  const { instance, home } = deployment;
  if (instance === sandboxInstance || readInstalled(home)) return false;
  // The deploy itself says what is wrong with a file that cannot be read.
  const present = attempt(() => presentSections(deployment));
  if (!present) return false;
  const declared = sectionsOf(renderArtifacts(deployment)[openclawNames.guide]);
  const differing = [...declared.keys()].filter(
    (section) => present.has(section) && !isDeepStrictEqual(present.get(section), declared.get(section)),
  );
  const place = settingsPlace(deployment);
  const kept = names.flatMap(([section, name]) => {
    const value = present.get(section);
    if (!confirm || !differing.includes(section) || typeof value !== "string") return [];
    const option = { group: "openclaw", name, value };
    return withOptions(place, instance, [option]) === undefined ? [] : [{ section, option }];
  });
  const replaced = differing.filter((each) => !kept.some(({ section }) => section === each));
  if (replaced.length > 0)
    say(
      `Of your ${openclawNames.guide} this is replaced by what the settings declare: ${replaced.join(", ")}. A copy stays beside it.`,
    );
  const text = withOptions(
    place,
    instance,
    kept.map(({ option }) => option),
  );
  if (kept.length === 0 || text === undefined) return false;
  writeSettings(place, text);
  for (const { option, section } of kept)
    say(`openclaw.${option.name} is ${option.value} now, as your ${section}, in ${place.path}.`);
  return true;
}

/** The managed sections of the user's file; undefined if there is none. */
function presentSections(deployment: Deployment): ReadonlyMap<string, unknown> | undefined {
  const account = accountOf(openclawUserOf(deployment));
  const file = UsersFolder.with(deployment.openclawFolder, account, (folder) =>
    folder?.read(openclawNames.guide),
  );
  return file && sectionsOf(textOf(file, join(deployment.openclawFolder, openclawNames.guide)));
}
