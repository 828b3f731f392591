import { z } from "zod";
import { inParallel } from "../../core/in-parallel";
import { ifRefused, type VaultClient } from "../client";

const policies = z.array(z.string());

const tokenAnswer = z.object({
  data: z.object({
    policies,
    /** Those of its entity and groups. */
    identity_policies: policies.nullish(),
    accessor: z.string(),
    display_name: z.string().optional(),
    path: z.string().optional(),
    entity_id: z.string().optional(),
    orphan: z.boolean().optional(),
    explicit_max_ttl: z.number().optional(),
    period: z.number().optional(),
    role: z.string().optional(),
    meta: z.record(z.string(), z.string()).nullish(),
    /** Seconds since 1970. */
    creation_time: z.number().optional(),
  }),
});

/** An active token, as Vault describes it. Its accessor can revoke it, but not use it. */
export type ActiveToken = z.output<typeof tokenAnswer>["data"];

/** The number of tokens that are looked up at a time. */
const atATime = 16;

/**
 * Every active token except batch tokens, which Vault does not list.
 * @param vault a client whose token can list and look up accessors
 * @param spend called before each look-up; it can throw to end them
 */
export async function readTokens(vault: VaultClient, spend = () => {}): Promise<ActiveToken[]> {
  const accessors = await vault.list("auth/token/accessors");
  const tokens = await inParallel(accessors, atATime, async (accessor) => {
    spend();
    const found = vault.submit("auth/token/lookup-accessor", { accessor }, tokenAnswer);
    // It can have expired since it was listed.
    return (await found.catch(ifRefused([400, 403, 404], () => undefined)))?.data;
  });
  return tokens.filter((token) => token !== undefined);
}

/** The time at which a token was made, ISO 8601, if Vault knows it. */
export function createdAt({ creation_time }: ActiveToken): string | undefined {
  return creation_time ? new Date(creation_time * 1000).toISOString() : undefined;
}

export const isRootToken = ({ policies: of }: ActiveToken): boolean => of.includes("root");

export async function activeRootTokens(vault: VaultClient): Promise<ActiveToken[]> {
  return (await readTokens(vault)).filter(isRootToken);
}
