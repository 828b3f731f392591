import { join } from "node:path";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { readTextIfThere, whyUnread } from "../core/files/files";
import type { Account } from "../core/system/os-user";
import { packageRoot } from "../core/system/package-root";
import { vaultUser } from "../docker/home-files";
import { homePaths } from "../model/home-paths";
import { openclawNames as names } from "../model/openclaw/openclaw-paths";
import type { InstallParameters } from "../model/run-parameters";
import { readCredential } from "../store/credentials";
import { readListener } from "../store/records/listener-record";
import { UsersFolder } from "./folder/users-folder";

/** A managed file in the folder `openclaw-openrouter`. */
export interface OwnFile {
  readonly name: string;
  readonly text: string;
  readonly mode: number;
}

/**
 * The files of the folder `openclaw-openrouter`: the resolver, the reader's credential and, if Vault serves TLS, the CA
 * certificates that verify it. They are copies, since the user who runs OpenClaw can differ from the user who deploys.
 * @param interpreter the Node that runs the resolver
 * @throws UserError if the instance has no credential of the reader
 */
export function ownFiles(
  { home, caFile, gateway }: Pick<InstallParameters, "home" | "caFile" | "gateway">,
  interpreter: string,
): readonly OwnFile[] {
  const source = readTextIfThere(join(packageRoot(), "lib/openclaw/resolver.cjs"));
  if (source === undefined) throw new Error("the program's resolver.cjs is missing");
  return [
    { name: names.resolver, text: `#!${interpreter}\n${source}`, mode: 0o700 },
    ...credentialFiles(home),
    ...(caFile === undefined ? [] : [{ name: names.vaultCa, text: readCa(caFile), mode: 0o600 }]),
    ...listenerFiles(gateway?.address.startsWith("unix:") ? vaultUser.uid : readListener(home)?.uid),
  ];
}

/** Over plain HTTP and the Unix socket there is no certificate to verify, so the resolver verifies the listener's uid. */
function listenerFiles(uid: number | undefined): OwnFile[] {
  return uid === undefined ? [] : [{ name: names.listenerUid, text: `${uid}\n`, mode: 0o600 }];
}

function credentialFiles(home: string): OwnFile[] {
  const credential = readCredential(homePaths(home), "reader");
  if (!credential) {
    throw new UserError({
      problem: "OpenClaw's credential for Vault, the reader's, is missing.",
      got: `no role_id and secret_id in ${homePaths(home).credentials("reader")}`,
      expected: "the files that the bootstrap of Vault writes",
      fix: "openclaw-openrouter up",
    });
  }
  return [
    { name: names.roleId, text: `${credential.roleId}\n`, mode: 0o600 },
    { name: names.secretId, text: `${credential.secretId}\n`, mode: 0o600 },
  ];
}

function readCa(path: string): string {
  const refuse = (got: string): never => {
    throw new UserError({
      problem: `${path}, the CA certificate that verifies Vault's, cannot be read.`,
      got,
      fix: "Restore it, or change `vault.tls.caFile` in the settings.",
    });
  };
  const text = attempt(
    () => readTextIfThere(path),
    (error) => refuse(whyUnread(error)),
  );
  return text ?? refuse("no such file");
}

/** @throws UserError if one of the names is taken by anything but a plain file of the user */
export function assertPlaceable(files: readonly OwnFile[], folder: UsersFolder | undefined): void {
  const own = folder?.folder(names.own);
  for (const { name } of files) own?.read(name);
}

function isPlaced({ name, text, mode }: OwnFile, own: UsersFolder): boolean {
  const present = own.read(name);
  return present?.mode === mode && present.bytes.equals(Buffer.from(text));
}

/** Writes the files that differ from what is expected. @returns whether anything changed */
export function placeOwnFiles(files: readonly OwnFile[], folder: UsersFolder): boolean {
  const own = folder.makeFolder(names.own);
  let changed = false;
  if ((own.stat().mode & 0o777) !== 0o700) {
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
 * Copies the reader's current credential to the resolver. Call it after a new credential is written and before the
 * previous one is revoked: then no read of the gateway fails.
 * @throws UserError if the resolver's folder is missing, or is not the user's
 */
export function placeCredential(home: string, path: string, account: Account): void {
  const files = credentialFiles(home);
  UsersFolder.with(path, account, (folder) => {
    // Made in an empty mount point, it would be hidden by what is mounted there later, which has the revoked credential.
    if (!folder?.folder(names.own)) throw notInstalled(join(path, names.own));
    assertPlaceable(files, folder);
    placeOwnFiles(files, folder);
  });
}

function notInstalled(path: string): UserError {
  return new UserError({
    problem: "The folder with OpenClaw's resolver is not there: it was removed, or its disk is not mounted.",
    got: `no ${path}`,
  });
}

/** Copies the current CA certificates to the resolver, if it has some already. */
export function placeCa(path: string, caFile: string, account: Account): void {
  const files = [{ name: names.vaultCa, text: readCa(caFile), mode: 0o600 }];
  UsersFolder.with(path, account, (folder) => {
    if (folder?.folder(names.own)?.read(names.vaultCa)) placeOwnFiles(files, folder);
  });
}

/** Removes the managed files, and the folder if it is empty then. */
export function removeOwnFiles(folder: UsersFolder): void {
  const own = folder.folder(names.own);
  if (!own) return;
  for (const name of [names.resolver, names.roleId, names.secretId, names.listenerUid, names.vaultCa])
    own.remove(name);
  own.removeDrafts();
  folder.removeFolder(names.own);
}
