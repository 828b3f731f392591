import { accessSync, constants } from "node:fs";
import { findProgram } from "../core/find-program";
import { quote } from "../core/text";
import { leadsTo, namedPrograms } from "./installed-program";

const name = "openclaw-openrouter";

/** The first word of every command that a text may name. */
export const commandNames: readonly string[] =
  `up deploy check drift status doctor destroy schedule key shares vault backup restore rebuild state synth sandbox bundle
  completion help`.split(/\s+/);

const named = new RegExp(`(?<![\\w/.@-])${name} (?=(?:${commandNames.join("|")})\\b)`, "g");

/**
 * Texts name a command as `openclaw-openrouter check`. What a person is told has to run here: so the name becomes the path of
 * the installed copy, or else of this program, if the PATH does not lead to it. It never becomes `npx` and a name, which runs
 * whatever a registry has under that name.
 * @param programs paths of this program, the one to print first @default the installed copy, and the one that was started
 */
export function runnable(
  text: string,
  programs: () => readonly string[] = namedPrograms,
  path: string = process.env.PATH ?? "",
): string {
  if (text.search(named) === -1) return text;
  const known = programs();
  const found = findProgram(name, path);
  const hasNode = findProgram("node", path) !== undefined;
  if (found && hasNode && known.some((program) => leadsTo(found, program))) return text;
  const [program = name] = known;
  const start = hasNode && isExecutable(program) ? [program] : [process.execPath, program];
  return text.replace(named, () => `${start.map(quote).join(" ")} `);
}

function isExecutable(program: string): boolean {
  try {
    accessSync(program, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
