import { z } from "zod";
import { type VaultClient, VaultFailure } from "../client";

const tokenAnswer = z.object({
  data: z.object({
    policies: z.array(z.string()),
    accessor: z.string(),
    /** Seconds since 1970. */
    creation_time: z.number().optional(),
  }),
});

/** A living token. By its accessor it can be revoked, and not used. */
export interface LivingToken {
  readonly accessor: string;
  readonly policies: readonly string[];
  /** ISO 8601. */
  readonly created: string | undefined;
}

/** How many tokens are looked up at a time. */
const atATime = 16;

/** Every living token but batch tokens, which are not listed. @param vault with a token that may list and look up */
export async function livingTokens(vault: VaultClient): Promise<LivingToken[]> {
  const accessors = await vault.list("auth/token/accessors");
  const tokens: LivingToken[] = [];
  for (let index = 0; index < accessors.length; index += atATime) {
    const looks = accessors.slice(index, index + atATime).map((accessor) => lookUp(vault, accessor));
    for (const token of await Promise.all(looks)) if (token) tokens.push(token);
  }
  return tokens;
}

export async function livingRootTokens(vault: VaultClient): Promise<LivingToken[]> {
  return (await livingTokens(vault)).filter(({ policies }) => policies.includes("root"));
}

/** A token may expire between the list and the look. */
async function lookUp(vault: VaultClient, accessor: string): Promise<LivingToken | undefined> {
  try {
    const { data } = await vault.call(
      { method: "POST", path: "auth/token/lookup-accessor", body: { accessor } },
      tokenAnswer,
    );
    const created = data.creation_time && new Date(data.creation_time * 1000).toISOString();
    return { accessor, policies: data.policies, created: created || undefined };
  } catch (error) {
    if (error instanceof VaultFailure && [400, 403, 404].includes(error.status)) return undefined;
    throw error;
  }
}
