import { join } from "node:path";
import { UserError } from "../core/errors";
import { readTextIfThere } from "../core/files/files";
import type { Account } from "../core/os-user";
import { packageRoot } from "../core/package-root";
import { homePaths } from "../model/home-paths";
import { openclawNames as names } from "../model/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { readCredential } from "../store/credentials";
import { readListener } from "../store/listener-record";
import { UsersFolder } from "./folder/users-folder";

/** A file of the folder that is ours alone. */
export interface OwnFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * What lies in the folder `openclaw-openrouter`: the resolver, the reader's credential and, where Vault serves TLS, what
 * verifies its certificate. They are copies, since the user who runs OpenClaw need not be the one who deploys.
 * @param interpreter the Node that runs the resolver
 * @throws UserError where the instance has no credential of the reader
 */
export function ownFiles(
  { home, caFile }: Pick<InstallParameters, "home" | "caFile">,
  interpreter: string,
): readonly OwnFile[] {
  const source = readTextIfThere(join(packageRoot(), "lib/openclaw/resolver.cjs"));
  if (source === undefined) throw new Error("the program lacks its resolver.cjs");
  return [
    { name: names.resolver, text: `#!${interpreter}\n${source}`, mode: 0o700 },
    ...credentialFiles(home),
    ...(caFile === undefined ? [] : [{ name: names.vaultCa, text: readCa(caFile), mode: 0o600 }]),
    ...listenerFiles(home),
  ];
}

/** By plain HTTP the resolver has no certificate to tell Vault by: it goes by the listener's uid. */
function listenerFiles(home: string): OwnFile[] {
  const uid = readListener(home)?.uid;
  return uid === undefined ? [] : [{ name: names.listenerUid, text: `${uid}\n`, mode: 0o600 }];
}

function credentialFiles(home: string): OwnFile[] {
  const credential = readCredential(homePaths(home), "reader");
  if (!credential) {
    throw new UserError({
      problem: "There is no credential by which OpenClaw could read the key from Vault.",
      got: `no role_id and secret_id in ${homePaths(home).credentials("reader")}`,
      expected: "those that the bootstrap of Vault writes",
      fix: "openclaw-openrouter up",
    });
  }
  return [
    { name: names.roleId, text: `${credential.roleId}\n`, mode: 0o600 },
    { name: names.secretId, text: `${credential.secretId}\n`, mode: 0o600 },
  ];
}

function readCa(path: string): string {
  try {
    const text = readTextIfThere(path);
    if (text !== undefined) return text;
    throw unreadableCa(path, "no such file");
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw code === undefined ? error : unreadableCa(path, code);
  }
}

function unreadableCa(path: string, got: string): UserError {
  return new UserError({
    problem: `${path}, the CA certificates that verify Vault's, cannot be read.`,
    got,
    fix: "Put it back, or change `vault.tls.caFile` in the settings.",
  });
}

/** @throws UserError if something is instead of one that is not a plain file of the user's */
export function assertPlaceable(files: readonly OwnFile[], folder: UsersFolder | undefined): void {
  const own = folder?.folder(names.own);
  for (const { name } of files) own?.read(name);
}

/** Whether the files are what they are to be. */
export function areOwnFilesPlaced(files: readonly OwnFile[], folder: UsersFolder | undefined): boolean {
  const own = folder?.folder(names.own);
  return own !== undefined && isClosed(own) && files.every((file) => isPlaced(file, own));
}

function isClosed(own: UsersFolder): boolean {
  return (own.stat().mode & 0o777) === 0o700;
}

function isPlaced({ name, text, mode }: OwnFile, own: UsersFolder): boolean {
  const present = own.read(name);
  return present?.mode === mode && present.bytes.equals(Buffer.from(text));
}

/** Brings the files to what they are to be. @returns whether anything was changed */
export function placeOwnFiles(files: readonly OwnFile[], folder: UsersFolder): boolean {
  const own = folder.makeFolder(names.own);
  let changed = false;
  if (!isClosed(own)) {
    own.setOwnMode(0o700);
    changed = true;
  }
  for (const file of files) {
    if (isPlaced(file, own)) continue;
    own.write(file.name, file.text, file.mode);
    changed = true;
  }
  return changed;
}

/**
 * Gives the resolver the reader's present credential. Called between the writing of a new one and the end of the old one,
 * no read of the gateway's fails.
 */
export function placeCredential(home: string, path: string, account: Account): void {
  const files = credentialFiles(home);
  UsersFolder.make(path, account, (folder) => {
    assertPlaceable(files, folder);
    placeOwnFiles(files, folder);
  });
}

/** Gives the resolver the present CA certificates, in the place where it was given some. */
export function placeCa(path: string, caFile: string, account: Account): void {
  const files = [{ name: names.vaultCa, text: readCa(caFile), mode: 0o600 }];
  UsersFolder.with(path, account, (folder) => {
    if (!folder?.folder(names.own)?.read(names.vaultCa) || areOwnFilesPlaced(files, folder)) return;
    placeOwnFiles(files, folder);
  });
}

/** Removes our folder; what else lies in it stays, and so does then the folder. */
export function removeOwnFiles(folder: UsersFolder): void {
  const own = folder.folder(names.own);
  if (!own) return;
  for (const name of [names.resolver, names.roleId, names.secretId, names.listenerUid, names.vaultCa])
    own.remove(name);
  own.removeDrafts();
  folder.removeFolder(names.own);
}
