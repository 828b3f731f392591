import { attempt } from "../core/attempt";
import { openclawNames } from "../model/openclaw/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { type InstalledRecord, joinedNames } from "./installed";
import { joinFile } from "./joined-files";
import { ownFiles } from "./own-files";

/**
 * The function from a placed file's current text to its expected text.
 * @param names the path below OpenClaw's folder, split into names
 * @returns undefined for any other file
 */
export function wantedText(
  parameters: InstallParameters,
  installed: InstalledRecord,
  names: readonly string[],
): ((text: string) => string) | undefined {
  const name = names.at(-1) ?? "";
  if (names.length === 2 && names[0] === openclawNames.own) {
    const own = ownFiles(parameters, installed.node).find((file) => file.name === name);
    return own && (() => own.text);
  }
  const joined = joinedNames.find((other) => names.length === 1 && other === name);
  const placed = joined && installed.files[joined]?.placed.at(-1);
  return joined && placed && ((text) => joinFile(joined, text, placed.declared));
}

/** Whether a file has its expected content. */
export function isAsWanted(bytes: Buffer, wanted: (text: string) => string | undefined): boolean {
  const text = bytes.toString("utf8");
  return attempt(() => wanted(text)) === text;
}
