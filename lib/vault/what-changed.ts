import { type Identity, type IdentityName, identityNames } from "../model/vault/identities";
import { approleMount, secretMount } from "../model/vault/own-vault";
import { ifRefused, type VaultClient } from "./client";
import {
  approlePath,
  auditAnswer,
  auditPath,
  compareAuditDevice,
  compareTuning,
  isUndone,
  secretPath,
} from "./compare-mounts";
import { compareRole, isPolicyDeclared } from "./identities/compare-identities";
import { type Mount, mountsAnswer } from "./schemas";

interface WhatChangedOptions {
  /** Whether to compare everything, since Terraform plans on it. Otherwise only the deployer's policy, which its work needs. */
  readonly all: boolean;
  /** Whether the audit device and the mounts are managed as well. */
  readonly isOwn: boolean;
}

/**
 * What differs from the declaration: an earlier version of this program wrote it, or somebody changed it by hand. Terraform
 * would plan to change it back but has no permission to; a run with the shares, or an admin's token, rewrites it.
 * @param auditor the auditor's client, which can read it
 * @returns a short description of each difference, such as `policy openclaw-reader` or `role openclaw-auditor (token_ttl)`
 */
export async function whatChanged(
  auditor: VaultClient,
  declared: Record<IdentityName, Identity>,
  { all, isOwn }: WhatChangedOptions,
): Promise<readonly string[]> {
  if (!all) return policyChanged(auditor, declared.deployer);
  const found = Promise.all([
    ...identityNames.map((name) => policyChanged(auditor, declared[name])),
    ...identityNames.map((name) => roleChanged(auditor, declared[name])),
    ...(isOwn ? [auditDeviceChanged(auditor), mountsChanged(auditor)] : []),
  ]);
  // Refused: the actual policy permits less than this version's.
  return (await found.catch(ifRefused(403, () => [`policy ${declared.auditor.role}`]))).flat();
}

async function policyChanged(auditor: VaultClient, identity: Identity): Promise<string[]> {
  return (await isPolicyDeclared(auditor, identity)) ? [] : [`policy ${identity.role}`];
}

async function roleChanged(auditor: VaultClient, identity: Identity): Promise<string[]> {
  const differences = await compareRole(auditor, identity);
  return differences ? named(`role ${identity.role}`, differences) : [`role ${identity.role} (gone)`];
}

async function auditDeviceChanged(auditor: VaultClient): Promise<string[]> {
  const { data } = await auditor.call({ path: "sys/audit" }, auditAnswer);
  const now = data?.[auditPath];
  if (!now) return [`audit device ${auditPath} (off)`];
  return compareAuditDevice(now) ? [`audit device ${auditPath} (options)`] : [];
}

async function mountsChanged(auditor: VaultClient): Promise<string[]> {
  const [engines, methods] = await Promise.all([
    auditor.call({ path: "sys/mounts" }, mountsAnswer),
    auditor.call({ path: "sys/auth" }, mountsAnswer),
  ]);
  return [
    ...tuned(`mount ${secretPath}`, engines.data[secretPath], secretMount),
    ...tuned(`auth method ${approlePath}`, methods.data[approlePath], approleMount),
  ];
}

function tuned(
  subject: string,
  now: Mount | undefined,
  declared: { readonly description: string },
): string[] {
  if (!now) return [`${subject} (gone)`];
  return named(subject, compareTuning(now, declared).filter(isUndone));
}

function named(subject: string, differences: readonly { readonly field: string }[]): string[] {
  return differences.length > 0 ? [`${subject} (${differences.map(({ field }) => field).join(", ")})`] : [];
}
