import { say } from "../output";
import { defineStep, withLock } from "./define-step";

/** `store-key`: run by the construct OpenRouterSecret, in an external Vault. */
export const register = defineStep("store-key", async (parameters) => {
  const { storeDeclaredKey } = await import("../../vault/store-key");
  await withLock(parameters.home, "store-key", async () => {
    const written = await storeDeclaredKey(parameters, process.env.TF_VAR_openrouter_api_key);
    say(written ? "the key was stored" : "the key is already stored");
  });
});
