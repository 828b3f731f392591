import { z } from "zod";
import { attempt } from "../core/attempt";
import { UserError } from "../core/errors";
import { certificatesIn, pemOf, readCertificates } from "../core/files/certificates";
import { readTextIfThere, writePrivateFile } from "../core/files/files";
import type { Deployment, VaultPlace } from "../model/deployment";
import { caForHosts } from "../model/vault/policies";
import { renewPlacedCa } from "../openclaw/renew-credential";
import { readHosts } from "../store/records/hosts-record";
import { ifRefused, VaultClient, VaultFailure } from "../vault/client";
import { logIn, logInTo } from "../vault/log-in";

const shown = z.object({ data: z.object({ pem: z.string() }) });

/**
 * Shows joined hosts, in the instance's own Vault, the CA certificates that this instance pins: a successor of its CA is among them a
 * year before it signs.
 * @param place where Vault answers now
 */
export async function showCaToHosts({ home, caFile }: Deployment, place: VaultPlace): Promise<void> {
  const pem = caFile === undefined ? undefined : readTextIfThere(caFile);
  if (pem === undefined || readHosts(home).hosts.length === 0) return;
  const deployer = await logIn(VaultClient.at(place), home, "deployer");
  if (!deployer) return;
  if ((await deployer.find({ path: caForHosts }, shown))?.data.pem === pem) return;
  await deployer.write(caForHosts, { pem });
}

/**
 * On a joined host: pins the CA certificates that its Vault's host pins, besides those of its invitation. What answers is verified by
 * a pinned one before. Nothing happens if Vault does not answer, which the check reports.
 */
export async function followCa(deployment: Deployment, now = new Date()): Promise<void> {
  const { home, caFile, external } = deployment;
  // Another file than the invitation's is its user's.
  if (external?.joinedAs === undefined || caFile !== home.joinedCa) return;
  const pem = await readShown(deployment);
  const pinned = readCertificates(caFile);
  const added = pem === undefined ? [] : (attempt(() => certificatesIn(pem)) ?? []);
  const text = pemOf([...pinned, ...added], now);
  if (text !== pemOf(pinned, now)) writePrivateFile(caFile, text);
  // Even if it was pinned before: that run can have been interrupted.
  renewPlacedCa(home, caFile);
}

async function readShown(deployment: Deployment): Promise<string | undefined> {
  try {
    const reader = await logInTo(deployment, "reader");
    // Refused: an invitation of an earlier version did not permit it.
    return (await reader?.find({ path: caForHosts }, shown).catch(ifRefused(403, () => undefined)))?.data.pem;
  } catch (error) {
    if (error instanceof UserError || error instanceof VaultFailure) return undefined;
    throw error;
  }
}
