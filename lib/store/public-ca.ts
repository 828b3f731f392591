import { rmSync } from "node:fs";
import { join } from "node:path";
import { readTextIfThere } from "../core/files/files";
import { publicFolder, writePublicFile } from "./public-folder";

/** Where every user of this host can read an instance's CA certificates. */
export function publicCaFile(instance: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(publicFolder(environment), `${instance}-ca.pem`);
}

/** Brings the readable copy to what the instance pins. */
export function publishCa(instance: string, caFile: string): void {
  const text = readTextIfThere(caFile);
  const path = publicCaFile(instance);
  if (text === undefined || readTextIfThere(path) === text) return;
  writePublicFile(path, text);
}

/** Takes it away with the instance. */
export function removePublishedCa(instance: string): void {
  rmSync(publicCaFile(instance), { force: true });
}
