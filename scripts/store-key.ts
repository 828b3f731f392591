import type { Command } from "commander";
import { takeLock } from "../lib/instance/lock";
import { homePaths } from "../lib/model/home-paths";
import { storeKeyParameters } from "../lib/model/run-parameters";
import { say } from "./output";
import { readParameters } from "./parameters";

/** `store-key`: run by the construct OpenRouterSecret, in an external Vault. */
export function register(program: Command): void {
  program.command("store-key", { hidden: true }).action(async () => {
    const { storeDeclaredKey } = await import("../lib/vault/store-key");
    const parameters = readParameters(storeKeyParameters);
    // A bare `cdktf deploy` holds no lock; where a command of ours runs Terraform, it is that command's.
    const lock = takeLock(homePaths(parameters.home).lock, "store-key");
    try {
      const written = await storeDeclaredKey(parameters, process.env.TF_VAR_openrouter_api_key);
      say(written ? "the key was stored" : "the key was stored already");
    } finally {
      lock.release();
    }
  });
}
