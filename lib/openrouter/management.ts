import { z } from "zod";
import { longest } from "../core/bounded";
import { defined } from "../core/defined";
import { type CallOptions, caller } from "./call";
import { answerFailure, type RawAnswer } from "./classify";
import { isMissingPath, readJson } from "./read";
import type { ApiRequest } from "./send";

const keyItem = z
  .object({
    hash: z.string().min(1),
    name: z.string(),
    label: z.string(),
    disabled: z.boolean().nullish(),
    limit: z.number().nonnegative().nullable(),
    limit_reset: z.string().nullish(),
    include_byok_in_limit: z.boolean().nullish(),
    created_at: z.string().nullish(),
    usage_monthly: z.number().nullish(),
  })
  .transform((item) => ({
    /** The key's identifier in this API. */
    hash: item.hash,
    name: item.name,
    /** The key, shortened by OpenRouter. */
    label: item.label,
    disabled: item.disabled ?? false,
    /** USD; null is unlimited. */
    limit: item.limit,
    /** `daily`, `weekly` or `monthly`; null: the limit is for the key's lifetime. */
    limitReset: item.limit_reset ?? null,
    includeByokInLimit: item.include_byok_in_limit ?? false,
    /** Spent since the first day of the month (UTC), in USD; undefined if OpenRouter does not report it. */
    spentThisMonth: item.usage_monthly ?? undefined,
  }));

/** An ordinary key, as the keys API shows it. */
export type KeyItem = z.output<typeof keyItem>;

const workspacesAnswer = z
  .object({ data: z.array(z.object({ id: z.string().min(1), name: z.string() })) })
  .transform(({ data }) => data);

/** A part of an account with keys, members, guardrails and a budget of its own. */
export type Workspace = z.output<typeof workspacesAnswer>[number];

const oneAnswer = z.object({ data: keyItem }).transform(({ data }) => data);
const listAnswer = z.object({ data: z.array(keyItem) }).transform(({ data }) => data);
const deletedAnswer = z.object({ deleted: z.literal(true) });

const resets = ["daily", "weekly", "monthly"] as const;

/** A key's spending limit. */
export interface KeyLimit {
  /** USD; null is unlimited. */
  readonly limit: number | null;
  readonly limitReset: string | null;
  readonly includeByokInLimit?: boolean;
}

type KeyChanges = Partial<KeyLimit> & { name?: string; disabled?: boolean };

interface NewKey extends KeyLimit {
  readonly name: string;
  /** ISO 8601. @default it does not expire */
  readonly expiresAt?: string;
  /** The workspace that the key belongs to. @default the account's default workspace */
  readonly workspaceId?: string;
}

/** A new key. OpenRouter shows its text only once. */
interface MadeKey {
  readonly key: string;
  readonly item: KeyItem;
}

/** OpenRouter's keys API, which requires a management key. Every failure is an {@link OpenRouterFailure}. */
export interface ManagementClient {
  /** Every key of a workspace, including disabled ones. @param workspaceId @default the account's default workspace */
  list(workspaceId?: string): Promise<KeyItem[]>;
  listWorkspaces(): Promise<Workspace[]>;
  /** Never retried: OpenRouter can have made the key even if no answer arrived. */
  create(wanted: NewKey): Promise<MadeKey>;
  change(hash: string, wanted: KeyChanges): Promise<KeyItem>;
  /** Succeeds also if the key is already gone. */
  remove(hash: string): Promise<void>;
}

/** The number of entries on one page of OpenRouter's lists. */
const pageLength = 100;

/** No account has 10,000 keys or workspaces: a longer list never ends. */
const mostPages = 100;

export function managementClient(options: CallOptions): ManagementClient {
  const call = caller(options);
  const authorization = { authorization: `Bearer ${options.key}` };
  const reading =
    <T extends z.ZodType>(schema: T) =>
    (answer: RawAnswer) =>
      readJson(answer, schema, options.key);
  const sending = (method: string, body: object): ApiRequest => ({
    method,
    headers: { ...authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  /** Reads all pages of a list. @param path with a query, to which the offset is added */
  async function readPages<T>(path: string, read: (answer: RawAnswer) => T[]): Promise<T[]> {
    const all: T[] = [];
    for (let pages = 0; pages < mostPages; pages++) {
      const at = `${path}&offset=${all.length}`;
      const page = await call(at, { headers: authorization }, read, longest.catalogue);
      all.push(...page);
      if (page.length < pageLength) return all;
    }
    throw answerFailure("unexpected", `OpenRouter's list does not end: ${all.length} so far`);
  }

  function list(workspaceId?: string): Promise<KeyItem[]> {
    const workspace = workspaceId === undefined ? "" : `&workspace_id=${encodeURIComponent(workspaceId)}`;
    return readPages(`/keys?include_disabled=true${workspace}`, reading(listAnswer));
  }

  function listWorkspaces(): Promise<Workspace[]> {
    return readPages(`/workspaces?limit=${pageLength}`, reading(workspacesAnswer));
  }

  function create(wanted: NewKey): Promise<MadeKey> {
    const body = {
      name: wanted.name,
      ...limitFields(wanted),
      ...defined({ expires_at: wanted.expiresAt, workspace_id: wanted.workspaceId }),
    };
    return caller({ ...options, retries: 0 })("/keys", sending("POST", body), (answer) => ({
      item: reading(oneAnswer)(answer),
      key: shownKey(answer),
    }));
  }

  function change(hash: string, wanted: KeyChanges): Promise<KeyItem> {
    const { name, disabled } = wanted;
    const body = { ...limitFields(wanted), ...defined({ name, disabled }) };
    return call(`/keys/${encodeURIComponent(hash)}`, sending("PATCH", body), reading(oneAnswer));
  }

  async function remove(hash: string): Promise<void> {
    try {
      const path = `/keys/${encodeURIComponent(hash)}`;
      await call(path, { method: "DELETE", headers: authorization }, reading(deletedAnswer));
    } catch (error) {
      if (!isMissingPath(error)) throw error;
    }
  }

  return { list, listWorkspaces, create, change, remove };
}

function limitFields({ limit, limitReset, includeByokInLimit }: Partial<KeyLimit>): object {
  const reset = resets.find((known) => known === limitReset) ?? null;
  return defined({
    limit,
    limit_reset: limitReset === undefined ? undefined : reset,
    include_byok_in_limit: includeByokInLimit,
  });
}

/** The new key, from the only field that holds a key on purpose; keys are removed from every other text. */
function shownKey({ text, status }: RawAnswer): string {
  const { data } = z.object({ key: z.string().min(1) }).safeParse(JSON.parse(text));
  if (data) return data.key;
  throw answerFailure("unexpected", "OpenRouter made a key but did not show it", status);
}
