import { defined } from "../core/defined";
import { parseJson } from "../core/files/files";
import { jsonText } from "../core/text";
import { type HostEntry, type HostKey, type HostsRecord, hostsRecord } from "../store/records/hosts-record";
import type { FoundHost } from "../vault/hosts/find-hosts";
import type { Contents } from "./contents";

/** The record of the hosts in a backup. @returns undefined if it has none */
export function hostsIn({ files }: Pick<Contents, "files">): HostsRecord | undefined {
  const text = files.get("hosts.json");
  return text === undefined ? undefined : parseJson(text, hostsRecord.schema, "the backup's hosts.json");
}

/**
 * Has the hosts' record name no other keys than those that Vault holds for them: an eviction disables, and a rotation deletes, what the
 * record names, with a management key, and the deployer's credential suffices to write the record. Only an admin writes hosts' secrets.
 * @param found the hosts of the restored Vault
 * @returns `unproved`: each key that the record does not name any more, as text for a person
 */
export function proveHosts(
  contents: Contents,
  found: readonly FoundHost[],
): { readonly contents: Contents; readonly unproved: readonly string[] } {
  const record = hostsIn(contents);
  if (!record) return { contents, unproved: [] };
  const unproved: string[] = [];
  const hosts = record.hosts.map(({ key, newKey, ...rest }): HostEntry => {
    const held = found.find(({ role }) => role === rest.role)?.key;
    const named = [newKey?.key, key].flatMap((each) => each ?? []);
    const proved = named.find((each) => isHeld(each, held));
    const others = named.filter((each) => each !== proved).map(({ label }) => label);
    // A key that was being made: its name is all that is known of it.
    if (newKey?.name !== undefined && !newKey.key) others.push(newKey.name);
    unproved.push(...others.map((each) => `${each} of ${rest.name}`));
    const limitUsd = named[0]?.limitUsd ?? null;
    const own = held && { sha256: held.sha256, label: `${held.preview}…`, limitUsd };
    return { ...rest, ...defined({ key: proved ?? own }) };
  });
  const files = new Map(contents.files);
  files.set("hosts.json", jsonText({ ...record, hosts }));
  return { contents: { ...contents, files }, unproved };
}

/** Whether it is the key that Vault holds. OpenRouter's hash of a key is its SHA-256. */
function isHeld({ sha256, hash = sha256, label }: HostKey, held: FoundHost["key"]): boolean {
  return (
    held !== undefined &&
    [sha256, hash].every((each) => each === held.sha256) &&
    label.startsWith(held.preview)
  );
}
