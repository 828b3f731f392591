/** The instance without an account, and the one that follows the setup guide. */
export const sandboxInstance = "sandbox";
export const defaultInstance = "default";

/** The sandbox's own places: other than anybody's, so that trying it out touches nothing. */
export const sandbox = { container: "openclaw-sandbox-vault", vaultPort: 18200 } as const;
