import { z } from "zod";
import type { ActiveToken } from "../identities/tokens";

/** What Vault answers about who is in it, as far as it may be read. */
export interface VaultAnswers {
  /** The names of all policies. */
  readonly policyNames: readonly string[];
  /** The text of each policy in use that could be read, by name. */
  readonly policies: ReadonlyMap<string, string>;
  readonly methods: readonly AuthMethod[];
  /** The roles, users, groups and certificates of all auth methods, and their configurations. */
  readonly logins: readonly Login[];
  readonly tokens: readonly ActiveToken[];
  readonly entities: readonly EntityAnswer[];
  readonly groups: readonly GroupAnswer[];
  /** What could not be read, with the reason. */
  readonly unread: readonly Unread[];
}

export interface Unread {
  readonly what: string;
  readonly because: string;
}

export interface AuthMethod {
  /** As Vault's list has it, such as `approle/`. */
  readonly path: string;
  readonly type: string;
  readonly accessor: string;
}

/** Something that an auth method gives policies to. */
export interface Login {
  /** The path of its method. */
  readonly method: string;
  /** The API path below the method, such as `role/ci`. */
  readonly path: string;
  readonly name: string;
  readonly data: Readonly<Record<string, unknown>>;
}

const texts = z.record(z.string(), z.string()).nullish();
const names = z.array(z.string()).nullish();

const alias = z.object({ mount_accessor: z.string(), name: z.string(), metadata: texts });
export type AliasAnswer = z.output<typeof alias>;

/** GET identity/entity/id/<id> */
export const entityAnswer = z.object({
  data: z.object({
    id: z.string(),
    name: z.string(),
    disabled: z.boolean().optional(),
    policies: names,
    /** The groups that it is in, the inherited ones as well. */
    group_ids: names,
    metadata: texts,
    aliases: z.array(alias).nullish(),
  }),
});
export type EntityAnswer = z.output<typeof entityAnswer>["data"];

/** GET identity/group/id/<id> */
export const groupAnswer = z.object({
  data: z.object({
    id: z.string(),
    name: z.string(),
    type: z.string().optional(),
    policies: names,
    parent_group_ids: names,
    /** For an external group: the group of an auth method that stands for it. */
    alias: z.object({ name: z.string().optional() }).nullish(),
  }),
});
export type GroupAnswer = z.output<typeof groupAnswer>["data"];
