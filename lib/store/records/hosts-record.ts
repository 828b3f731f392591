import { z } from "zod";
import { hostName } from "../../model/hosts";
import { defineRecord } from "./record";

const host = z.object({
  name: hostName,
  role: z.string(),
  keyPath: z.string(),
  /** When it was invited, last. */
  invited: z.iso.datetime(),
  /** When the invitation ends. */
  ends: z.iso.datetime().exactOptional(),
  /** Of the invitation's wrapping token: it ends the token, and cannot use it. */
  accessor: z.string().exactOptional(),
  /** The role's id in Vault. A role that is written again has another one. */
  roleId: z.string().exactOptional(),
  entityId: z.string().exactOptional(),
  /** The addresses that it is bound to, in CIDR notation. */
  addresses: z.array(z.string()),
  /** Its key's id in OpenRouter's API, and the limit in USD a month, if a management key made it. */
  key: z.object({ hash: z.string(), label: z.string(), limit: z.number().nullable() }).exactOptional(),
});
export type HostEntry = z.output<typeof host>;

const evicted = z.object({ role: z.string(), roleId: z.string(), at: z.iso.datetime() });
export type Eviction = z.output<typeof evicted>;

const schema = z.object({
  hosts: z.array(host),
  /** Roles that were taken away. They are taken away again from restored data, which can be older. */
  evicted: z.array(evicted),
});
const file = defineRecord("hosts", schema);

/** The OpenClaw hosts that this instance's Vault serves besides its own, and those that it no longer serves. */
export function readHosts(home: Parameters<typeof file.read>[0]): z.output<typeof schema> {
  return file.read(home) ?? { hosts: [], evicted: [] };
}

export const writeHosts = file.write;
