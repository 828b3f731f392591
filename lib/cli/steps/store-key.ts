import type { Command } from "commander";
import { homePaths } from "../../model/home-paths";
import { storeKeyParameters } from "../../model/run-parameters";
import { takeLock } from "../../store/lock";
import { say } from "../output";
import { readParameters } from "./parameters";

/** `store-key`: run by the construct OpenRouterSecret, in an external Vault. */
export function register(program: Command): void {
  program.command("store-key", { hidden: true }).action(async () => {
    const { storeDeclaredKey } = await import("../../vault/store-key");
    const parameters = readParameters(storeKeyParameters);
    // A bare `cdktf deploy` holds no lock. If a command of this program runs Terraform, that command holds it.
    const lock = takeLock(homePaths(parameters.home).lock, "store-key");
    try {
      const written = await storeDeclaredKey(parameters, process.env.TF_VAR_openrouter_api_key);
      say(written ? "the key was stored" : "the key is already stored");
    } finally {
      lock.release();
    }
  });
}
