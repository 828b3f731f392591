import { accessSync, constants, statSync } from "node:fs";
import { isAbsolute, join, resolve } from "node:path";

/** The path of a program, as a shell finds it; undefined where none is. @param path As `PATH` is written. */
export function findProgram(name: string, path: string = process.env.PATH ?? ""): string | undefined {
  const candidates = name.includes("/")
    ? [resolve(name)]
    : path
        .split(":")
        .filter((folder) => isAbsolute(folder))
        .map((folder) => join(folder, name));
  return candidates.find(isProgram);
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
