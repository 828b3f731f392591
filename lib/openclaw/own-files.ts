import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  rmSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import { UserError } from "../errors";
import { type Account, actAs } from "../host/account";
import { packageRoot } from "../host/package-root";
import { writePrivateFile } from "../instance/files";
import { readListener } from "../instance/listener-record";
import { homePaths } from "../model/home-paths";
import { openclawPaths } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { readCredential } from "../vault/credentials";
import { assertOwnFolder, readPlainFile } from "./plain-file";

/** A file of the folder that is ours alone. */
export interface OwnFile {
  readonly path: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * What lies in the folder `openclaw-openrouter`: the resolver, the reader's credential and, where Vault serves TLS, what
 * vouches for its certificate. They are copies, since the user who runs OpenClaw need not be the one who deploys.
 * @param interpreter the Node that runs the resolver
 * @throws UserError where the instance has no credential of the reader
 */
export function ownFiles(
  { home, folder, caFile }: InstallParameters,
  interpreter: string,
): readonly OwnFile[] {
  const paths = openclawPaths(folder);
  const source = readFileSync(join(packageRoot(), "lib/openclaw/resolver.cjs"), "utf8");
  return [
    { path: paths.resolver, text: `#!${interpreter}\n${source}`, mode: 0o700 },
    ...credentialFiles(home, folder),
    ...(caFile === undefined ? [] : [{ path: paths.vaultCa, text: readCa(caFile), mode: 0o600 }]),
    ...listenerFiles(home, folder),
  ];
}

/** By plain HTTP the resolver has no certificate to tell Vault by: it goes by the listener's uid. */
function listenerFiles(home: string, folder: string): OwnFile[] {
  const uid = readListener(home)?.uid;
  if (uid === undefined) return [];
  return [{ path: openclawPaths(folder).listenerUid, text: `${uid}\n`, mode: 0o600 }];
}

function credentialFiles(home: string, folder: string): OwnFile[] {
  const paths = openclawPaths(folder);
  const credential = readCredential(homePaths(home), "reader");
  if (!credential) {
    throw new UserError({
      problem: "There is no credential by which OpenClaw could read the key from Vault.",
      got: `no role_id and secret_id in ${homePaths(home).credentials("reader")}`,
      expected: "those that the bootstrap of Vault writes",
      remedy: "npx openclaw-openrouter up",
    });
  }
  return [
    { path: paths.roleId, text: `${credential.roleId}\n`, mode: 0o600 },
    { path: paths.secretId, text: `${credential.secretId}\n`, mode: 0o600 },
  ];
}

function readCa(path: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    throw new UserError({
      problem: `${path}, which is to vouch for Vault's certificate, cannot be read.`,
      got: (error as NodeJS.ErrnoException).code ?? "an unreadable file",
      remedy: "Put it back, or change `vault.tls.caFile` in the settings.",
    });
  }
}

/** @throws UserError where something is in the place of one that is not a plain file of the user's */
export function assertPlaceable(files: readonly OwnFile[], folder: string, account: Account): void {
  assertOwnFolder(openclawPaths(folder).own, account);
  for (const { path } of files) readPlainFile(path, account);
}

/** Whether the files are what they are to be. */
export function areOwnFilesPlaced(files: readonly OwnFile[], folder: string, account: Account): boolean {
  const { own } = openclawPaths(folder);
  const mode = statSync(own, { throwIfNoEntry: false })?.mode ?? 0;
  return (mode & 0o777) === 0o700 && files.every((file) => isPlaced(file, account));
}

function isPlaced({ path, text, mode }: OwnFile, account: Account): boolean {
  const present = readPlainFile(path, account);
  return present?.mode === mode && present.bytes.equals(Buffer.from(text));
}

/** Brings the files to what they are to be. @returns whether anything was changed */
export function placeOwnFiles(files: readonly OwnFile[], folder: string, account: Account): boolean {
  const { own } = openclawPaths(folder);
  mkdirSync(own, { recursive: true, mode: 0o700 });
  let changed = false;
  if ((statSync(own).mode & 0o777) !== 0o700) {
    chmodSync(own, 0o700);
    changed = true;
  }
  for (const file of files) {
    if (isPlaced(file, account)) continue;
    writePrivateFile(file.path, file.text, file.mode);
    changed = true;
  }
  return changed;
}

/**
 * Gives the resolver the reader's present credential. Called between the writing of a new one and the end of the old one,
 * no read of the gateway's fails.
 */
export function placeCredential(home: string, folder: string, account: Account): void {
  const files = credentialFiles(home, folder);
  actAs(account, () => {
    assertPlaceable(files, folder, account);
    placeOwnFiles(files, folder, account);
  });
}

/** Gives the resolver the present CA certificates, in the place where it was given some. */
export function placeCa(folder: string, caFile: string, account: Account): void {
  const path = openclawPaths(folder).vaultCa;
  const files = [{ path, text: readCa(caFile), mode: 0o600 }];
  actAs(account, () => {
    if (!existsSync(path) || areOwnFilesPlaced(files, folder, account)) return;
    assertPlaceable(files, folder, account);
    placeOwnFiles(files, folder, account);
  });
}

/** Removes our folder; what else lies in it stays, and so does then the folder. */
export function removeOwnFiles(folder: string): void {
  const { own, resolver, roleId, secretId, listenerUid, vaultCa } = openclawPaths(folder);
  if (!existsSync(own)) return;
  for (const path of [resolver, roleId, secretId, listenerUid, vaultCa]) rmSync(path, { force: true });
  if (readdirSync(own).length === 0) rmdirSync(own);
}
