import { z } from "zod";
import { ifRefused, type VaultClient } from "../client";

const tokenAnswer = z.object({
  data: z.object({
    policies: z.array(z.string()),
    accessor: z.string(),
    /** Seconds since 1970. */
    creation_time: z.number().optional(),
  }),
});

/** An active token. Its accessor can revoke it, but not use it. */
export interface ActiveToken {
  readonly accessor: string;
  readonly policies: readonly string[];
  /** ISO 8601. */
  readonly created: string | undefined;
}

/** The number of tokens that are looked up at a time. */
const atATime = 16;

/**
 * Every active token except batch tokens, which Vault does not list. @param vault a client whose token can list and look up
 * accessors
 */
export async function activeTokens(vault: VaultClient): Promise<ActiveToken[]> {
  const accessors = await vault.list("auth/token/accessors");
  const tokens: ActiveToken[] = [];
  for (let index = 0; index < accessors.length; index += atATime) {
    const looks = accessors.slice(index, index + atATime).map((accessor) => lookUp(vault, accessor));
    for (const token of await Promise.all(looks)) if (token) tokens.push(token);
  }
  return tokens;
}

export async function activeRootTokens(vault: VaultClient): Promise<ActiveToken[]> {
  return (await activeTokens(vault)).filter(({ policies }) => policies.includes("root"));
}

/** The token of an accessor; undefined if it has expired since it was listed. */
async function lookUp(vault: VaultClient, accessor: string): Promise<ActiveToken | undefined> {
  const request = { method: "POST", path: "auth/token/lookup-accessor", body: { accessor } } as const;
  const found = await vault.call(request, tokenAnswer).catch(ifRefused([400, 403, 404], () => undefined));
  if (!found) return undefined;
  const { policies, creation_time } = found.data;
  return {
    accessor,
    policies,
    created: creation_time ? new Date(creation_time * 1000).toISOString() : undefined,
  };
}
