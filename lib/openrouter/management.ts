import { z } from "zod";
import { longest } from "../core/bounded";
import { type CallOptions, caller } from "./call";
import { answerFailure, type RawAnswer } from "./classify";
import { OpenRouterFailure } from "./errors";
import { readJson } from "./read";

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
  })
  .transform((item) => ({
    /** By which the key is named in this API. */
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
  }));

/** An ordinary key, as its account's management key sees it. */
export type KeyItem = z.output<typeof keyItem>;

const oneAnswer = z.object({ data: keyItem }).transform(({ data }) => data);
const listAnswer = z.object({ data: z.array(keyItem) }).transform(({ data }) => data);
const deletedAnswer = z.object({ deleted: z.literal(true) });

const resets = ["daily", "weekly", "monthly"] as const;

/** What a key may spend. */
export interface KeyLimit {
  /** USD; null is unlimited. */
  readonly limit: number | null;
  readonly limitReset: string | null;
  readonly includeByokInLimit?: boolean;
}

export interface NewKey extends KeyLimit {
  readonly name: string;
  /** ISO 8601. @default it does not expire */
  readonly expiresAt?: string;
}

/** A key that was just made: the only time that OpenRouter shows it. */
export interface MadeKey {
  readonly key: string;
  readonly item: KeyItem;
}

/** OpenRouter's keys API, which takes a management key only. Every failure is an {@link OpenRouterFailure}. */
export interface ManagementClient {
  /** Every key of the account, the disabled ones too. */
  list(): Promise<KeyItem[]>;
  /** Never repeated by itself: where no answer came, the key may have been made. */
  create(wanted: NewKey): Promise<MadeKey>;
  change(hash: string, wanted: Partial<KeyLimit> & { name?: string; disabled?: boolean }): Promise<KeyItem>;
  /** A key that is gone already is well. */
  remove(hash: string): Promise<void>;
}

/** As many keys as OpenRouter gives at a time. */
const pageLength = 100;

/** No account has ten thousand keys: a list that is longer has no end. */
const mostPages = 100;

export function managementClient(options: CallOptions): ManagementClient {
  const call = caller(options);
  const authorization = { authorization: `Bearer ${options.key}` };
  const sending = (method: string, body: object): RequestInit => ({
    method,
    headers: { ...authorization, "content-type": "application/json" },
    body: JSON.stringify(body),
  });

  async function list(): Promise<KeyItem[]> {
    const all: KeyItem[] = [];
    for (let pages = 0; pages < mostPages; pages++) {
      const path = `/keys?include_disabled=true&offset=${all.length}`;
      const page = await call(
        path,
        { headers: authorization },
        (answer) => readJson(answer, listAnswer, options.key),
        longest.catalogue,
      );
      all.push(...page);
      if (page.length < pageLength) return all;
    }
    throw answerFailure("unexpected", `OpenRouter lists keys without an end: ${all.length} until now`);
  }

  function create(wanted: NewKey): Promise<MadeKey> {
    const body = {
      name: wanted.name,
      ...limitFields(wanted),
      ...(wanted.expiresAt ? { expires_at: wanted.expiresAt } : {}),
    };
    return caller({ ...options, retries: 0 })("/keys", sending("POST", body), (answer) => ({
      item: readJson(answer, oneAnswer, options.key),
      key: shownKey(answer),
    }));
  }

  function change(
    hash: string,
    wanted: Partial<KeyLimit> & { name?: string; disabled?: boolean },
  ): Promise<KeyItem> {
    const body = {
      ...limitFields(wanted),
      ...(wanted.name === undefined ? {} : { name: wanted.name }),
      ...(wanted.disabled === undefined ? {} : { disabled: wanted.disabled }),
    };
    return call(`/keys/${encodeURIComponent(hash)}`, sending("PATCH", body), (answer) =>
      readJson(answer, oneAnswer, options.key),
    );
  }

  async function remove(hash: string): Promise<void> {
    try {
      const path = `/keys/${encodeURIComponent(hash)}`;
      await call(path, { method: "DELETE", headers: authorization }, (answer) =>
        readJson(answer, deletedAnswer, options.key),
      );
    } catch (error) {
      if (!(error instanceof OpenRouterFailure && error.status === 404)) throw error;
    }
  }

  return { list, create, change, remove };
}

function limitFields({ limit, limitReset, includeByokInLimit }: Partial<KeyLimit>): object {
  return {
    ...(limit === undefined ? {} : { limit }),
    ...(limitReset === undefined
      ? {}
      : { limit_reset: resets.find((known) => known === limitReset) ?? null }),
    ...(includeByokInLimit === undefined ? {} : { include_byok_in_limit: includeByokInLimit }),
  };
}

/** The new key, from the one place in an answer that holds a key on purpose: every other text is scrubbed of keys. */
function shownKey({ text, status }: RawAnswer): string {
  const { data } = z.object({ key: z.string().min(1) }).safeParse(JSON.parse(text));
  if (data) return data.key;
  throw answerFailure("unexpected", "OpenRouter made a key and did not show it", status);
}
