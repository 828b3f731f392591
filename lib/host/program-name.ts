import { realpathSync } from "node:fs";
import { findProgram } from "./find-program";

const name = "openclaw-openrouter";

/** The first word of every command that a text may name. */
export const commandNames: readonly string[] =
  `up deploy check drift status doctor destroy schedule key shares vault backup restore rebuild state synth sandbox bundle
  completion help`.split(/\s+/);

const named = new RegExp(`(?<![\\w/.@-])${name} (?=(?:${commandNames.join("|")})\\b)`, "g");

/**
 * Texts name a command as `openclaw-openrouter check`. What a person is told has to run here: so the name becomes this
 * program's path if the PATH does not lead to it. It never becomes `npx` and a name, which runs whatever a registry has
 * under that name.
 * @param program the program's first file @default the one that was started
 */
export function runnable(
  text: string,
  program: string | undefined = process.env.OPENCLAW_OPENROUTER_BIN,
  path?: string,
): string {
  if (program === undefined || isOnPath(program, path)) return text;
  return text.replace(named, () => `${quote(program)} `);
}

function isOnPath(program: string, path: string | undefined): boolean {
  const found = findProgram(name, path);
  try {
    return found !== undefined && realpathSync(found) === realpathSync(program);
  } catch {
    return false;
  }
}

/** A path as a shell takes it. */
export function quote(path: string): string {
  return /^[\w./@+-]+$/.test(path) ? path : `'${path.replaceAll("'", "'\\''")}'`;
}
