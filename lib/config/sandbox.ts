/** The instance without an account, and the one that follows the setup guide. */
export const sandboxInstance = "sandbox";
export const defaultInstance = "default";

/** The sandbox's own container name and port, so that an experiment does not touch other instances. */
export const sandbox = { container: "openclaw-sandbox-vault", vaultPort: 18200 } as const;
