import { join } from "node:path";
import { readTextIfThere } from "../core/files/files";
import { publicFolder, removePublicFile, writePublicFile } from "./public-folder";

/** The file from which every user of this host can read an instance's CA certificates. */
export function publicCaFile(instance: string, environment: NodeJS.ProcessEnv = process.env): string {
  return join(publicFolder(environment), `${instance}-ca.pem`);
}

/** Updates the public copy to the CA certificates that the instance pins. */
export function publishCa(instance: string, caFile: string): void {
  const text = readTextIfThere(caFile);
  const path = publicCaFile(instance);
  if (text === undefined || readTextIfThere(path) === text) return;
  writePublicFile(path, text);
}

/** Removes the public copy together with the instance. */
export function removePublishedCa(instance: string): void {
  removePublicFile(publicCaFile(instance));
}
