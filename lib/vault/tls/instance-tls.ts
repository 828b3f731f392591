import { createPrivateKey, X509Certificate } from "node:crypto";
import { existsSync, renameSync } from "node:fs";
import { dirname } from "node:path";
import { attempt } from "../../core/attempt";
import { UserError } from "../../core/errors";
import { pemOf, readCertificates } from "../../core/files/certificates";
import { readTextIfThere, syncFolder, writePrivateFile } from "../../core/files/files";
import { isPrivateAddress, privateRanges } from "../../core/network/private-address";
import { quote } from "../../core/text";
import { dateOf, day } from "../../core/time";
import { instanceTlsPaths } from "../../model/vault/vault-tls";
import type { CertifiedKey, Validity } from "./certificates";

/** Lifetimes in days, from the moment of creation; see {@link backdated} for the time before it. */
const caLasts = 3650;
const serverLasts = 820;
/** Days before its creation at which a certificate becomes valid, for clients whose clocks are behind. */
const backdated = 30;
/** Days for which a CA's successor is pinned before it signs: by then every client that pins has both. */
const pinnedBefore = 365;
/** Days before a CA's end at which its successor is created: its last server certificate then ends before the CA does. */
const successorBefore = serverLasts + pinnedBefore;

/**
 * The address ranges that the CA can certify: this host and private networks, so that a later private address needs no other
 * CA.
 */
const addressRanges = ["127.0.0.0/8", "::1/128", ...privateRanges];

interface InstanceTlsOptions {
  /** The folder of the files. */
  readonly folder: string;
  readonly instanceId: string;
  /** Name of Vault's container. */
  readonly container: string;
  /** The private address at which other hosts reach Vault. @default the one in the present certificate, if it has one */
  readonly listen?: string;
  /** @default the host's clock */
  readonly now?: Date;
}

/**
 * Makes sure that an instance has a CA and a server certificate: creates what is missing, and replaces a server certificate in
 * the second half of its lifetime. If it is interrupted at any line, the next run resumes.
 * @returns whether any file changed
 * @throws UserError if this host's clock is before the CA was made
 */
export async function ensureInstanceTls(options: InstanceTlsOptions): Promise<boolean> {
  const paths = instanceTlsPaths(options.folder);
  const now = options.now ?? new Date();
  const isCaChanged = await ensureAuthority(paths, options, now);
  if (!isCaChanged && isServerFit(paths, options, now)) return false;
  await certify(paths, options, now);
  return true;
}

/** Whether {@link ensureInstanceTls} would change anything. Only reads the files. */
export function isInstanceTlsDue(options: InstanceTlsOptions): boolean {
  const paths = instanceTlsPaths(options.folder);
  const now = options.now ?? new Date();
  return isAuthorityDue(readCertificates(paths.ca), paths, now) || !isServerFit(paths, options, now);
}

type Paths = ReturnType<typeof instanceTlsPaths>;

/** Makes sure that there is a CA that signs. @returns whether it, or the pinned CAs, changed */
async function ensureAuthority(paths: Paths, options: InstanceTlsOptions, now: Date): Promise<boolean> {
  const pinned = readCertificates(paths.ca);
  const owner = ownerOf(pinned, paths.caKey);
  if (owner && now < validFrom(owner)) throw clockIsBehind(owner, paths, now);
  if (!isAuthorityDue(pinned, paths, now)) return false;
  // If the CA is missing or has expired, a pinned successor signs at once, else a new one does.
  const signer = owner && !isOver(owner, now) ? owner : undefined;
  const next = ownerOf(pinned, paths.nextCaKey);
  if (next && (signer || !isOver(next, now))) promote(paths, next, pinned, now);
  else {
    const made = await makeAuthorityFor(options, now);
    writePrivateFile(signer ? paths.nextCaKey : paths.caKey, made.key);
    const added = new X509Certificate(made.certificate);
    pin(paths, signer ? [signer, added] : [added, ...pinned], now);
  }
  return true;
}

/** Whether the CA is missing or has expired, or it is time to create a successor, or for the successor to sign. */
function isAuthorityDue(pinned: readonly X509Certificate[], paths: Paths, now: Date): boolean {
  const signer = ownerOf(pinned, paths.caKey);
  if (!signer || isOver(signer, now)) return true;
  const next = ownerOf(pinned, paths.nextCaKey);
  if (next) return now.getTime() >= validFrom(next).getTime() + (backdated + pinnedBefore) * day;
  return validTo(signer).getTime() - now.getTime() < successorBefore * day;
}

/** Replaces the signer's key with the successor's: the key alone determines which certificate signs. */
function promote(paths: Paths, next: X509Certificate, pinned: readonly X509Certificate[], now: Date): void {
  renameSync(paths.nextCaKey, paths.caKey);
  syncFolder(dirname(paths.caKey));
  pin(paths, [next, ...pinned], now);
}

/** Writes the pinned CAs, each once, without expired ones. */
function pin(paths: Paths, authorities: readonly X509Certificate[], now: Date): void {
  writePrivateFile(paths.ca, pemOf(authorities, now));
}

async function makeAuthorityFor(
  { instanceId, container }: InstanceTlsOptions,
  now: Date,
): Promise<CertifiedKey> {
  const { makeAuthority } = await import("./certificates");
  // The date distinguishes the name of a CA from its successor's.
  const name = `openclaw-openrouter ${instanceId} ${dateOf(now)}`;
  return makeAuthority(name, validity(now, caLasts), {
    dns: ["localhost", `${instanceId}.internal`, ...(isHostName(container) ? [container] : [])],
    ip: addressRanges,
  });
}

async function certify(paths: Paths, options: InstanceTlsOptions, now: Date): Promise<void> {
  const signer = ownerOf(readCertificates(paths.ca), paths.caKey);
  if (!signer) throw new Error("an instance's CA was made, and is not there");
  const { certifyServer } = await import("./certificates");
  const wanted = validity(now, serverLasts);
  const notAfter = new Date(Math.min(wanted.notAfter.getTime(), validTo(signer).getTime()));
  const authority = { certificate: signer.toString(), key: readTextIfThere(paths.caKey) ?? "" };
  const made = await certifyServer(authority, { ...wanted, notAfter }, serverNames(signer, paths, options));
  // If only the key is written, the next run notices and re-creates both.
  writePrivateFile(paths.serverKey, made.key);
  writePrivateFile(paths.server, made.certificate);
}

/**
 * The names of the server. The container's name is left out if the CA cannot certify it, as after a change of the settings:
 * clients would refuse the whole certificate.
 */
function serverNames(
  authority: X509Certificate,
  paths: Paths,
  { container, instanceId, listen = listenIn(paths) }: InstanceTlsOptions,
): string[] {
  const outside = listen === undefined ? [] : [listen, `${instanceId}.internal`];
  const names = [container, ...outside.slice(1)].filter((name) => certifies(authority, name));
  return ["127.0.0.1", "::1", "localhost", ...names, ...outside.slice(0, 1)];
}

/** The private address in the present certificate: commands that renew it do not know the settings. */
function listenIn({ server }: Paths): string | undefined {
  const [present] = readCertificates(server);
  const names = present?.subjectAltName?.split(", ") ?? [];
  return names
    .flatMap((name) => (name.startsWith("IP Address:") ? [name.slice("IP Address:".length)] : []))
    .find(isPrivateAddress);
}

function certifies(authority: X509Certificate, container: string): boolean {
  return isHostName(container) && authority.checkHost(container) !== undefined;
}

/** Whether a container's name is a valid host name: Docker also accepts others, such as `vault.`. */
function isHostName(name: string): boolean {
  return /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*$/i.test(name);
}

/** Whether the server certificate is valid, fits the CA and the key, and is in the first half of its lifetime. */
function isServerFit(paths: Paths, { container, listen }: InstanceTlsOptions, now: Date): boolean {
  const [server] = readCertificates(paths.server);
  if (!server || !isKeyOf(server, paths.serverKey)) return false;
  const issuer = readCertificates(paths.ca).find((authority) => server.checkIssued(authority));
  if (!issuer?.publicKey || !server.verify(issuer.publicKey)) return false;
  if (!server.checkIP("127.0.0.1")) return false;
  if (listen !== undefined && !server.checkIP(listen)) return false;
  if (certifies(issuer, container) && !server.checkHost(container)) return false;
  const made = validFrom(server).getTime() + backdated * day;
  const half = made + (validTo(server).getTime() - made) / 2;
  // A certificate from the future was created while this host's clock was ahead.
  return validFrom(server) <= now && now.getTime() < half;
}

function validity(now: Date, days: number): Validity {
  return {
    notBefore: new Date(now.getTime() - backdated * day),
    notAfter: new Date(now.getTime() + days * day),
  };
}

function validFrom({ validFrom }: X509Certificate): Date {
  return new Date(validFrom);
}

function validTo({ validTo }: X509Certificate): Date {
  return new Date(validTo);
}

function isOver(certificate: X509Certificate, now: Date): boolean {
  return validTo(certificate) <= now;
}

/** The certificate of the private key in a file. */
function ownerOf(certificates: readonly X509Certificate[], keyFile: string): X509Certificate | undefined {
  return existsSync(keyFile) ? certificates.find((certificate) => isKeyOf(certificate, keyFile)) : undefined;
}

function isKeyOf(certificate: X509Certificate, keyFile: string): boolean {
  return (
    attempt(() => certificate.checkPrivateKey(createPrivateKey(readTextIfThere(keyFile) ?? ""))) ?? false
  );
}

function clockIsBehind(authority: X509Certificate, { caKey }: Paths, now: Date): UserError {
  return new UserError({
    problem: "This host's clock is wrong: it is before the day on which this instance's CA was made.",
    got: now.toUTCString(),
    expected: `a time after ${validFrom(authority).toUTCString()}`,
    fix: `Set the clock, for example: sudo timedatectl set-ntp true\nIf it is right, it was ahead when the CA was made. Then have another one made: rm ${quote(caKey)}\nand run openclaw-openrouter up. Joined hosts are to be invited again.`,
  });
}
