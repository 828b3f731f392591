import { resolve } from "node:path";
import { findProgram } from "../core/system/find-program";
import { quote } from "../core/text";
import { leadsTo, namedPrograms } from "./installed-program";

const name = "openclaw-openrouter";

/** The first word of every command that a text can name. */
export const commandNames: readonly string[] =
  `up deploy check drift status doctor destroy schedule alerts host key shares vault backup restore rebuild state synth sandbox bundle
  completion help`.split(/\s+/);

const named = new RegExp(`(?<![\\w/.@-])${name} (?=(?:${commandNames.join("|")})\\b)`, "g");

/**
 * Makes the commands in a text runnable on this host. Texts name a command as `openclaw-openrouter check`. If the PATH does not
 * lead to this program, the name is replaced by the path of the installed copy, or else of this program. It is never replaced
 * by `npx` and a name, which runs whatever a registry has under that name.
 * @param programs the paths of this program, the one to print first. @default the installed copy, and the started program
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
  const start = hasNode && findProgram(resolve(program)) ? [program] : [process.execPath, program];
  return text.replace(named, () => `${start.map(quote).join(" ")} `);
}
