import { createPrivateKey } from "node:crypto";
import { existsSync, readdirSync } from "node:fs";
import { basename, join } from "node:path";
import type { z } from "zod";
import { attempt } from "../core/attempt";
import { certificatesIn } from "../core/files/certificates";
import { jsonText } from "../core/text";
import { declaredAddresses } from "../model/declared-providers";
import { type HomePaths, stackNames } from "../model/home-paths";
import { hostName, hostNames } from "../model/hosts";
import { inspectKey } from "../model/openrouter-key";
import { guideNames } from "../model/vault/vault-names";
import { instanceTlsPaths } from "../model/vault/vault-tls";
import { sandboxState } from "../sandbox/state";
import { instanceRecord } from "../store/home";
import { accessRecord } from "../store/records/access-record";
import { budgetRecord } from "../store/records/budget-record";
import { deployedRecord } from "../store/records/deployed-record";
import { hostsRecord } from "../store/records/hosts-record";
import { keyRecord } from "../store/records/key-record";
import { pendingCleanupsFile } from "../store/records/pending-cleanups";
import type { FileName } from "../store/records/record";
import { sharesRecord } from "../store/records/shares-record";
import { judgeState } from "../terraform/judge-state";

/** A file of an instance directory that a backup contains, in the backup mount of Vault. */
interface HomeMember {
  /** Its name in a backup. */
  readonly name: string;
  readonly path: (home: HomePaths) => string;
  /** The maximum size, in bytes. A longer journal loses its first lines. */
  readonly limit: number;
  /** Validates a text, and returns what a restore writes. @throws Error if this program does not write such a text */
  readonly judge: (text: string) => string;
}

const kilobyte = 1024;
const megabyte = 1024 * kilobyte;

/**
 * The hosts of an instance's own Vault, by the names that their invitations gave them: an eviction deletes what this record names,
 * with all rights.
 */
const ownHosts = hostsRecord.schema.refine(
  ({ hosts, evicted }) =>
    hosts.every(({ name, role, keyPath }) => {
      const own = hostNames(guideNames, name);
      return role === own.role && keyPath === own.keyPath;
    }) &&
    evicted.every(({ role }) => {
      const { role: begin } = hostNames(guideNames, "");
      return role.startsWith(begin) && hostName.safeParse(role.slice(begin.length)).success;
    }),
);

/**
 * The files of an instance directory that a rebuild needs besides Vault's data. No other file comes from a backup: Terraform
 * renders its files again, a deploy finds the facts of a host again, and records of a user's OpenClaw files belong to their
 * host.
 */
const members: readonly HomeMember[] = [
  inHome("instance.json", "instance", kilobyte, json(instanceRecord)),
  inHome("key.json", "key", megabyte, json(keyRecord)),
  inHome("deployed.json", "deployed", megabyte, json(deployedRecord.schema)),
  inHome("access.json", "access", megabyte, json(accessRecord.schema)),
  inHome("hosts.json", "hosts", megabyte, json(ownHosts)),
  inHome("budget.json", "budget", kilobyte, json(budgetRecord)),
  inHome("pending-key-cleanups.json", "pendingCleanups", megabyte, json(pendingCleanupsFile)),
  inHome("shares-record.json", "sharesRecord", megabyte, json(sharesRecord.schema)),
  inHome("journal.jsonl", "journal", 2 * megabyte, journalLines),
  ...stackNames.flatMap((stack): HomeMember[] => [
    { name: `${stack}.tfstate`, path: (home) => home.state(stack), limit: 4 * megabyte, judge: stateText },
    {
      name: `${stack}.deployed.tfstate`,
      path: (home) => home.deployedState(stack),
      limit: 4 * megabyte,
      judge: stateText,
    },
  ]),
  // Only of the instance `sandbox`.
  inHome("sandbox.json", "sandbox", megabyte, json(sandboxState)),
  inHome("sandbox-key", "sandboxKey", kilobyte, keyText),
  inHome("sandbox-management-key", "sandboxManagementKey", kilobyte, keyText),
  // So a client that pinned the CA accepts the Vault restored on another host.
  inTls("ca", certificateText),
  inTls("caKey", privateKeyText),
  inTls("nextCaKey", privateKeyText),
  inTls("server", certificateText),
  inTls("serverKey", privateKeyText),
];

function inHome(name: string, file: FileName, limit: number, judge: HomeMember["judge"]): HomeMember {
  return { name, path: (home) => home[file], limit, judge };
}

function inTls(file: keyof ReturnType<typeof instanceTlsPaths>, judge: HomeMember["judge"]): HomeMember {
  const path = (home: HomePaths) => instanceTlsPaths(home.tls)[file];
  return { name: `tls/${basename(instanceTlsPaths("")[file])}`, path, limit: 64 * kilobyte, judge };
}

/** The name of a provider lock file: one folder for each program and provider source. */
const lockName = /^locks\/(?:terraform|tofu)-[0-9a-f]{16}\/(?:vault|openrouter)\.lock\.hcl$/;

/** The member of that name; undefined if backups have no such member. */
export function memberNamed(name: string): HomeMember | undefined {
  if (!lockName.test(name)) return members.find((member) => member.name === name);
  const path = (home: HomePaths) => join(home.providerLocks, name.slice("locks/".length));
  return { name, path, limit: 64 * kilobyte, judge: lockText };
}

/** The members whose files exist. */
export function presentMembers(home: HomePaths): HomeMember[] {
  const locks = namesIn(home.providerLocks).flatMap((folder) =>
    namesIn(join(home.providerLocks, folder)).map((name) => `locks/${folder}/${name}`),
  );
  return [...members, ...locks.flatMap((name) => memberNamed(name) ?? [])].filter(({ path }) =>
    existsSync(path(home)),
  );
}

function namesIn(folder: string): string[] {
  return existsSync(folder) ? readdirSync(folder).sort() : [];
}

/** Validates JSON, and keeps only the fields of the schema. */
function json(schema: z.ZodType): HomeMember["judge"] {
  return (text) => jsonText(schema.parse(JSON.parse(text)));
}

/** Returns what was judged, not the text: of a name that is there twice, Terraform would read both. */
function stateText(text: string): string {
  const state: unknown = JSON.parse(text);
  judgeState(state, "The state in the backup");
  return jsonText(state);
}

/**
 * Keeps the lines that are JSON: a power cut or a full disk leaves a part of a line, to which the next entry was appended. Nothing
 * depends on the journal, so no backup is refused for that.
 */
function journalLines(text: string): string {
  return text
    .split("\n")
    .flatMap((line) => attempt(() => `${JSON.stringify(JSON.parse(line))}\n`) ?? [])
    .join("");
}

function keyText(text: string): string {
  const found = inspectKey(text.trim());
  if ("reason" in found) throw new Error("text that is no key");
  return `${found.key}\n`;
}

/** A certificate, with its intermediates. */
function certificateText(text: string): string {
  const found = certificatesIn(text);
  if (found.length === 0) throw new Error("no certificate");
  return found.join("");
}

function privateKeyText(text: string): string {
  return createPrivateKey(text).export({ type: "pkcs8", format: "pem" }).toString();
}

/** Validates a lock file: only comments and blocks of the declared providers. */
function lockText(text: string): string {
  const block = /^provider "([\w./-]+)" \{\n(?: +\w+ += (?:"[^"\n]*"|\[\n(?: +"[^"\n]*",\n)* +\])\n)*\}\n/gm;
  const rest = text.replace(block, (all, address) => (declaredAddresses.has(address) ? "" : all));
  if (/^(?!#|$)/m.test(rest)) throw new Error("a lock of other providers");
  return text;
}
