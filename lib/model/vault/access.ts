/**
 * What somebody gains in Vault: `read`, the key; `guard`, to change what guards it, such as a policy, and so to give oneself
 * the key; `write`, to replace or delete it.
 */
export const gains = ["read", "guard", "write"] as const;
export type Gain = (typeof gains)[number];
