import { existsSync } from "node:fs";
import { z } from "zod";
import { defined } from "../core/defined";
import { UserError } from "../core/errors";
import { readCertificates } from "../core/files/certificates";
import { answeringEngine } from "../docker/engine";
import type { EngineApi } from "../docker/engine-api";
import type { Deployment } from "../model/deployment";
import { type HomePaths, homePaths } from "../model/home-paths";
import type { VaultTlsFiles } from "../model/vault/vault-tls";
import { renewPlacedCa } from "../openclaw/renew-credential";
import { readInstance } from "../store/home";
import { takeLock } from "../store/lock";
import { publishCa } from "../store/public-ca";
import { deployedRecord } from "../store/records/deployed-record";
import { ensureInstanceTls, isInstanceTlsDue } from "../vault/tls/instance-tls";
import { serveCertificate, servesAnother } from "../vault/tls/place-tls";

/** What serves TLS for an instance with a Vault of its own. */
export interface CertificateOwner {
  readonly instance: string;
  /** The instance directory. */
  readonly home: string;
  readonly container: string;
  /** The port on 127.0.0.1. */
  readonly port: number;
  /** Undefined if its Vault serves plain HTTP, or is an external one. */
  readonly tls?: VaultTlsFiles;
  /** @default the engine that answers on this host */
  readonly engine?: EngineApi;
}

/** What {@link renewCertificate} needs of an instance. */
export function certificateOwnerOf(deployment: Deployment): CertificateOwner {
  const { instance, home, container, port, tls, external } = deployment;
  return { instance, home: home.root, container, port, ...(tls && !external ? { tls } : {}) };
}

/**
 * Renews the instance's own certificate at half of its lifetime, makes a running Vault serve the current files, and publishes
 * the CA for OpenClaw and other users of this host. Every command that takes the instance's lock begins with this, so
 * unattended hosts renew too.
 * @throws UserError if this host's clock is before the CA was made
 */
export async function renewCertificate(owner: CertificateOwner): Promise<void> {
  const { instance, container, port, tls } = owner;
  const home = homePaths(owner.home);
  const instanceId = readInstance(home.root)?.id;
  if (!tls || instanceId === undefined || !isMade(home, tls)) return;
  if (tls.made) await ensureInstanceTls(filesOf(owner, instanceId));
  if (await isAnotherServed(owner)) {
    const engine = owner.engine ?? (await answeringEngine());
    if (engine) await serveCertificate(engine, { instanceId, container, port, tls });
  }
  renewPlacedCa(home, tls.caFile);
  publishCa(instance, tls.caFile);
}

/**
 * Renews the certificate for a command that only reads, and takes the lock only for the renewal. If another command holds the
 * lock, it continues with the existing certificate.
 * @throws UserError if another command holds the lock and the certificate has expired
 */
export async function renewCertificateIfDue(owner: CertificateOwner): Promise<void> {
  const { tls } = owner;
  const home = homePaths(owner.home);
  const instanceId = readInstance(home.root)?.id;
  if (!tls || instanceId === undefined || !isMade(home, tls)) return;
  const isDue = tls.made === true && isInstanceTlsDue(filesOf(owner, instanceId));
  if (!isDue && !(await isAnotherServed(owner))) return;
  let lock: ReturnType<typeof takeLock>;
  try {
    lock = takeLock(home.lock, "check");
  } catch (error) {
    if (error instanceof UserError && isValid(tls)) return;
    throw error;
  }
  try {
    await renewCertificate(owner);
  } finally {
    lock.release();
  }
}

/**
 * Whether there are files to renew: the first deploy creates the instance's own, and reports missing files of the user. Of the
 * instance's own, lost ones are made again, also if their folder is.
 */
function isMade(home: HomePaths, { made, certificateFile }: VaultTlsFiles): boolean {
  return existsSync(made ? home.tls : certificateFile) || (made === true && existsSync(home.vaultCa));
}

const listening = z.object({ vault: z.object({ listen: z.string().exactOptional() }) });

/** The instance's own files, with the deployed address for other hosts: a lost certificate does not tell it. */
function filesOf({ home, container }: CertificateOwner, instanceId: string) {
  const paths = homePaths(home);
  const { data } = listening.safeParse(deployedRecord.read(paths)?.settings);
  return { folder: paths.tls, instanceId, container, ...defined({ listen: data?.vault.listen }) };
}

/**
 * Whether Vault serves another certificate than the files hold. False if the user's own files are unusable: the next deploy
 * reports them.
 */
async function isAnotherServed({ container, port, tls }: CertificateOwner): Promise<boolean> {
  if (!tls) return false;
  try {
    return (await servesAnother({ instanceId: "", container, port, tls })) === true;
  } catch (error) {
    if (error instanceof UserError && !tls.made) return false;
    throw error;
  }
}

function isValid({ certificateFile }: VaultTlsFiles): boolean {
  const [server] = readCertificates(certificateFile);
  return server !== undefined && Date.now() < Date.parse(server.validTo);
}
